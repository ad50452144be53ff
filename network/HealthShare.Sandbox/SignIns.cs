using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Sandbox;

/// <summary>One person or program that may sign in at a node of the sandbox.</summary>
/// <param name="Node">Short name of the node, such as <c>north</c>.</param>
/// <param name="Url">The node's address.</param>
/// <param name="Person">Who this is, for people.</param>
/// <param name="Role">The role the token stands for.</param>
/// <param name="Token">Opaque bearer token: 256 random bits, base64url.</param>
/// <param name="PatientId">For patients, their id on the channel.</param>
/// <param name="StaffId">For staff, the random id under which the ledger knows them.</param>
/// <param name="EnrolmentLink">One-time link to enrol a passkey in a browser; null for programs, for whom the sandbox holds a passkey, and once it was used.</param>
internal sealed record SignIn(
    string Node, Uri Url, string Person, string Role, string Token, string? PatientId = null, string? StaffId = null,
    string? EnrolmentLink = null)
{
    public static string NewToken() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}

/// <summary>Reads and writes <c>sign-ins.json</c>. It holds tokens in the clear, so only its owner may read it.</summary>
internal static class SignInFile
{
    public const string Name = "sign-ins.json";

    public static IReadOnlyList<SignIn> Read(string path) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(path), SignInJson.Default.IReadOnlyListSignIn)
        ?? throw new InvalidDataException($"'{path}' is empty.");

    public static void Write(string path, IReadOnlyList<SignIn> signIns) =>
        WriteOwnOnly(path, JsonSerializer.Serialize(signIns, SignInJson.Default.IReadOnlyListSignIn));

    /// <summary>Writes a file that only its owner may read, at once as a whole.</summary>
    public static void WriteOwnOnly(string path, string text)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(temporary, options))
            writer.Write(text);
        File.Move(temporary, path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(IReadOnlyList<SignIn>))]
internal sealed partial class SignInJson : JsonSerializerContext;
