using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace HealthShare.Chaincode.Shim.Packaging;

/// <summary>
/// A digest of a published build, so that organizations which run it themselves can tell that they run the same: SHA-256 over the
/// names and contents of all assemblies and native libraries, independent of machine, folder and order of files.
/// </summary>
public static partial class BuildDigest
{
    private static readonly string[] Kinds = [".dll", ".so"];

    /// <summary>The digest of the build in a folder, as 64 lower-case hexadecimal digits.</summary>
    /// <param name="folder">The published folder. Default: that of the running program.</param>
    /// <exception cref="IOException">The folder or a file in it cannot be read.</exception>
    /// <exception cref="ArgumentException">The folder holds no assembly, as that of a program published as a single file.</exception>
    public static string Compute(string? folder = null)
    {
        folder ??= AppContext.BaseDirectory;
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Kinds.Contains(Path.GetExtension(file), StringComparer.Ordinal))
            .Select(file => (Name: Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'), File: file))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .ToArray();
        if (files.Length == 0)
            throw new ArgumentException($"There is no assembly in '{folder}'.", nameof(folder));
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, file) in files)
        {
            using var stream = File.OpenRead(file);
            // One line a file, as sha256sum prints them: the digest can be checked by other tools.
            all.AppendData(Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(stream))}  {name}\n"));
        }
        return Convert.ToHexStringLower(all.GetHashAndReset());
    }

    /// <summary>Whether a text has the form of a digest: 64 lower-case hexadecimal digits.</summary>
    public static bool IsDigest(string text) => Pattern.IsMatch(text);

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Pattern { get; }
}
