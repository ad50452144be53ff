using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>Random 256-bit tokens of which the database has only the hash: who reads it signs in as nobody.</summary>
internal static class SessionToken
{
    private const int Size = 32, Characters = 43;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Size));

    /// <summary>True for something that could be a token; anything else is not looked up.</summary>
    public static bool IsPlausible(string? token) => token is { Length: Characters } && Base64Url.IsValid(token);

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));
}
