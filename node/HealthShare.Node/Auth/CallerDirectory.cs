using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth;

/// <summary>Finds the caller of a token.</summary>
internal sealed class CallerDirectory
{
    private readonly (byte[] Hash, Caller Caller)[] callers;

    public CallerDirectory(IOptions<AuthOptions> options) => callers =
    [
        .. options.Value.Callers.Select(caller => (Convert.FromHexString(caller.TokenSha256),
            new Caller(caller.Name, caller.Role!.Value, caller.StaffId, caller.PatientId))),
    ];

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
}
