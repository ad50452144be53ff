namespace HealthShare.Node.Content;

/// <summary>Reads a secret from a file of one line.</summary>
internal static class SecretFile
{
    private const int MaxLength = 4096;

    /// <exception cref="NodeStartException">It cannot be read, or is empty or no single line; the message names the setting, never the secret.</exception>
    public static string Read(string path, string setting)
    {
        try
        {
            if (new FileInfo(path).Length <= MaxLength && File.ReadAllText(path).TrimEnd('\r', '\n') is { Length: > 0 } secret
                && !secret.AsSpan().ContainsAny('\r', '\n'))
                return secret;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NodeStartException($"{setting}: '{path}' cannot be read: {e.Message}", e);
        }
        throw new NodeStartException($"{setting}: '{path}' is not one line of text.");
    }
}
