using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.Sandbox.Stories;

/// <summary>A sample patient's passkey, kept so that statements can be signed with it after a restart.</summary>
/// <param name="CredentialId">Credential id, base64url.</param>
/// <param name="RpId">Relying party id.</param>
/// <param name="Origin">Origin that asks for signatures.</param>
/// <param name="PrivateKey">The private key in PKCS #8, base64.</param>
internal sealed record PasskeyFile(string CredentialId, string RpId, string Origin, byte[] PrivateKey)
{
    /// <summary>True where the sandbox itself holds a passkey of this person.</summary>
    public static bool Exists(DirectoryInfo state, string id) => File.Exists(PathOf(state, id));

    /// <summary>Writes the key into a folder that only its owner may read.</summary>
    public static void Write(DirectoryInfo state, string patientId, SoftwareAuthenticator passkey)
    {
        var path = PathOf(state, patientId);
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(
            new PasskeyFile(passkey.CredentialId, passkey.RpId, passkey.Origin, passkey.ExportPrivateKey()), PasskeyJson.Default.PasskeyFile));
    }

    private static string PathOf(DirectoryInfo state, string id) => Path.Combine(state.FullName, "passkeys", $"{id}.json");
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PasskeyFile))]
internal sealed partial class PasskeyJson : JsonSerializerContext;
