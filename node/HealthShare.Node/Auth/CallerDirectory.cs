using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace HealthShare.Node.Auth;

/// <summary>
/// Finds the caller of a token. Follows the settings while the node runs; settings that are not valid leave the callers as
/// they were.
/// </summary>
internal sealed partial class CallerDirectory : IDisposable
{
    private readonly IOptionsFactory<AuthOptions> options;
    private readonly ILogger<CallerDirectory> logger;
    private readonly IDisposable watch;
    private volatile (byte[] Hash, Caller Caller)[] callers;

    public CallerDirectory(IOptionsFactory<AuthOptions> options, IConfiguration settings, ILogger<CallerDirectory> logger)
    {
        (this.options, this.logger) = (options, logger);
        callers = Read();
        watch = ChangeToken.OnChange(settings.GetReloadToken, Reload);
    }

    /// <summary>The token's caller, or null. The time taken tells nothing about the tokens that exist.</summary>
    public Caller? Find(string token)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        Caller? found = null;
        foreach (var (known, caller) in callers)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash))
                found = caller;
        }
        return found;
    }

    public void Dispose() => watch.Dispose();

    private void Reload()
    {
        try
        {
            callers = Read();
            LogChanged(callers.Length);
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            LogKept(e.Message);
        }
    }

    private (byte[], Caller)[] Read() =>
    [
        .. options.Create(Options.DefaultName).Callers.Select(caller => (Convert.FromHexString(caller.TokenSha256),
            new Caller(caller.Name, caller.Role!.Value, caller.StaffId, caller.PatientId, caller.DelegateId))),
    ];

    [LoggerMessage(3301, LogLevel.Information, "The settings name {Count} callers now.")]
    private partial void LogChanged(int count);

    [LoggerMessage(3302, LogLevel.Error, "The settings were changed and are not valid; the callers stay as they were. {Reason}")]
    private partial void LogKept(string reason);
}
