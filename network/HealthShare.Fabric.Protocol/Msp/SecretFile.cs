namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>Reads a password or PIN from a file.</summary>
internal static class SecretFile
{
    private const int Longest = 1024;

    /// <summary>The first line, without its end.</summary>
    /// <exception cref="FabricDataException">The first line is empty, or the file is too long for a password.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string Read(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > Longest } file)
            throw new FabricDataException($"'{path}' has {file.Length} bytes; a password has {Longest} at most.");
        using var reader = File.OpenText(path);
        return reader.ReadLine() is { Length: > 0 } line ? line : throw new FabricDataException($"The first line of '{path}' is empty.");
    }
}
