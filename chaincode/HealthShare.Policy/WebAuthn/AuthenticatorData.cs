using System.Formats.Cbor;

namespace HealthShare.Policy.WebAuthn;

/// <summary>Authenticator data of an assertion (WebAuthn level 3, section 6.1).</summary>
internal readonly ref struct AuthenticatorData
{
    private const int RpIdHashLength = 32;
    private const int MinLength = RpIdHashLength + 1 + 4; // hash, flags, signature counter
    private const int MaxLength = 1024;

    private AuthenticatorData(ReadOnlySpan<byte> rpIdHash, AuthenticatorFlags flags)
    {
        RpIdHash = rpIdHash;
        Flags = flags;
    }

    public ReadOnlySpan<byte> RpIdHash { get; }

    public AuthenticatorFlags Flags { get; }

    public static AuthenticatorData Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length is < MinLength or > MaxLength)
            throw Malformed($"have {bytes.Length} bytes");
        var flags = (AuthenticatorFlags)bytes.Span[RpIdHashLength];
        if (flags.HasFlag(AuthenticatorFlags.AttestedCredential))
            throw Malformed("hold a new credential, which only a registration does");
        if (flags.HasFlag(AuthenticatorFlags.BackedUp) && !flags.HasFlag(AuthenticatorFlags.BackupEligible))
            throw Malformed("say backed up but not eligible for it");
        CheckExtensions(bytes[MinLength..], flags.HasFlag(AuthenticatorFlags.Extensions));
        return new AuthenticatorData(bytes.Span[..RpIdHashLength], flags);
    }

    private static void CheckExtensions(ReadOnlyMemory<byte> rest, bool announced)
    {
        if (announced == rest.IsEmpty)
            throw Malformed("and their flag for extensions disagree");
        if (rest.IsEmpty)
            return;
        try
        {
            var reader = new CborReader(rest, CborConformanceMode.Strict);
            var isMap = reader.PeekState() is CborReaderState.StartMap;
            reader.SkipValue();
            if (!isMap || reader.BytesRemaining != 0)
                throw Malformed("end in something that is not one map of extensions");
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException)
        {
            throw new PolicyException("assertion.authenticator_data_malformed", "The extensions cannot be read.", e);
        }
    }

    private static PolicyException Malformed(string what) =>
        new("assertion.authenticator_data_malformed", $"The authenticator data {what}.");
}

/// <summary>Flags of authenticator data (WebAuthn level 3, section 6.1).</summary>
[Flags]
internal enum AuthenticatorFlags : byte
{
    None = 0,
    UserPresent = 1 << 0,
    UserVerified = 1 << 2,
    BackupEligible = 1 << 3,
    BackedUp = 1 << 4,
    AttestedCredential = 1 << 6,
    Extensions = 1 << 7,
}
