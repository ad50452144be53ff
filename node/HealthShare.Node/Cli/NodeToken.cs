using System.CommandLine;
using System.Net.Http.Headers;

namespace HealthShare.Node.Cli;

/// <summary>The token with which a command asks the running node: from a file, or from the environment. Never from the command line, which others on the machine can read.</summary>
internal static class NodeToken
{
    /// <summary>Environment variable that holds the token where no file is named.</summary>
    public const string Variable = "HEALTHSHARE_TOKEN";

    /// <summary>What to say where there is no token.</summary>
    public const string Missing = $"Name a file with a token by --token-file, or set {Variable}.";

    /// <summary>The option <c>--token-file FILE</c>.</summary>
    /// <param name="role">Whose token it is, such as <c>an IT administrator</c>.</param>
    public static Option<FileInfo?> Option(string role) => new("--token-file")
    {
        Description = $"File with the token of {role} of the node; default: the variable {Variable}.", HelpName = "FILE",
    };

    /// <summary>The token, or null where there is none.</summary>
    /// <exception cref="WrongUsageException">The file cannot be read.</exception>
    public static async Task<string?> ReadAsync(FileInfo? file, CancellationToken ct)
    {
        if (file is null)
            return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } token ? token : null;
        try
        {
            return (await File.ReadAllTextAsync(file.FullName, ct)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongUsageException($"--token-file {file.FullName}: {e.Message}", e);
        }
    }

    /// <summary>The token as a request's header.</summary>
    public static AuthenticationHeaderValue Header(string token) => new("Bearer", token);
}
