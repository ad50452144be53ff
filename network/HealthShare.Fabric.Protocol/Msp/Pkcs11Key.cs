using System.Security.Cryptography;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>Where a key lies in a hardware module, and how its PIN is found. The PIN itself is no setting.</summary>
public sealed record Pkcs11KeyOptions
{
    /// <summary>Label of the token. Required.</summary>
    public required string Token { get; init; }

    /// <summary>Label of the private key in the token. Required.</summary>
    public required string Key { get; init; }

    /// <summary>File whose first line is the user's PIN. Either this or <see cref="PinVariable"/>.</summary>
    public string? PinFile { get; init; }

    /// <summary>Name of the environment variable that holds the user's PIN. Either this or <see cref="PinFile"/>.</summary>
    public string? PinVariable { get; init; }
}

/// <summary>
/// Opens P-256 keys that stay in a hardware module, or in SoftHSM, through OpenSSL's engine <c>pkcs11</c> (Debian package
/// <c>libengine-pkcs11-openssl</c>). The module is the one that p11-kit is configured for, or the one that the environment variable
/// <c>PKCS11_MODULE_PATH</c> names when the process starts.
/// </summary>
public static class Pkcs11Key
{
    private const string Engine = "pkcs11";

    // The engine logs in once for all; two at a time would race.
    private static readonly Lock Opening = new();

    /// <summary>
    /// Opens a private key. It serves one caller at a time; a <see cref="SigningIdentity"/> made of it sees to that.
    /// </summary>
    /// <exception cref="FabricDataException">
    /// The PIN is not to be had, or the engine, the module, the token or the key is missing, or the PIN is wrong.
    /// </exception>
    public static ECDsa Open(Pkcs11KeyOptions options)
    {
        if (OperatingSystem.IsWindows())
            throw new FabricDataException("Keys in hardware modules are opened through OpenSSL, which .NET does not use on Windows.");
        var uri = $"pkcs11:token={Uri.EscapeDataString(options.Token)};object={Uri.EscapeDataString(options.Key)};type=private"
            + $"?pin-value={Uri.EscapeDataString(ReadPin(options))}";
        try
        {
            lock (Opening)
            {
                using var handle = SafeEvpPKeyHandle.OpenPrivateKeyFromEngine(Engine, uri);
                return new ECDsaOpenSsl(handle);
            }
        }
        catch (PlatformNotSupportedException e)
        {
            throw new FabricDataException("This OpenSSL has no engines, which keys in hardware modules need.", e);
        }
        catch (CryptographicException e)
        {
            // The reason is taken from the words alone: the URI, and with it the PIN, is in no message.
            throw new FabricDataException(Explain(options, e.Message), e);
        }
    }

    private static string ReadPin(Pkcs11KeyOptions options) => options switch
    {
        { PinFile: { } file, PinVariable: null } => SecretFile.Read(file),
        { PinFile: null, PinVariable: { } variable } => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } pin
            ? pin
            : throw new FabricDataException($"The environment variable '{variable}' with the PIN of token '{options.Token}' is not set."),
        _ => throw new FabricDataException($"The PIN of token '{options.Token}' comes from a file or from an environment variable: name one."),
    };

    private static string Explain(Pkcs11KeyOptions options, string reason) =>
        reason.Contains("dso", StringComparison.OrdinalIgnoreCase) || reason.Contains("no such engine", StringComparison.OrdinalIgnoreCase)
            ? $"OpenSSL's engine '{Engine}' is not installed (Debian package libengine-pkcs11-openssl): {reason}"
            : $"No key '{options.Key}' was opened in token '{options.Token}'. Either the PKCS #11 module is not found"
                + $" (PKCS11_MODULE_PATH, or p11-kit's configuration), or there is no such token or key, or the PIN is wrong: {reason}";
}
