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
    /// <summary>Writes the key into a folder that only its owner may read.</summary>
    public static void Write(DirectoryInfo state, string patientId, SoftwareAuthenticator passkey)
    {
        var folder = Directory.CreateDirectory(Path.Combine(state.FullName, "passkeys"));
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.WriteAllBytes(Path.Combine(folder.FullName, $"{patientId}.json"), JsonSerializer.SerializeToUtf8Bytes(
            new PasskeyFile(passkey.CredentialId, passkey.RpId, passkey.Origin, passkey.ExportPrivateKey()), PasskeyJson.Default.PasskeyFile));
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PasskeyFile))]
internal sealed partial class PasskeyJson : JsonSerializerContext;
