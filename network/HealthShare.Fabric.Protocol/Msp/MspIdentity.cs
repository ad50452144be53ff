using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>Somebody's certificate as one member's MSP sees it. Immutable and safe to share between threads.</summary>
public sealed class MspIdentity
{
    private readonly FabricMsp msp;
    private readonly Lazy<MspValidation> validation;

    internal MspIdentity(FabricMsp msp, X509Certificate2 certificate)
    {
        this.msp = msp;
        Certificate = certificate;
        Key = Convert.ToHexStringLower(SHA256.HashData(CertificateBody.Of(certificate.RawDataMemory).Span));
        OrganizationalUnits = [.. DistinguishedName.OrganizationalUnits(certificate.SubjectName)];
        PublicKey = ReadPublicKey(certificate, msp.MspId);
        validation = new Lazy<MspValidation>(() => msp.Validate(this));
    }

    /// <summary>MSP id of the member this identity claims to be of.</summary>
    public string MspId => msp.MspId;

    /// <summary>The certificate. Shared: do not dispose it.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>
    /// Tells identities of one MSP apart: hex of SHA-256 over the signed part of the certificate, so that a certificate
    /// with a doctored signature is still the same one.
    /// </summary>
    public string Key { get; }

    /// <summary>The organizational units in the subject.</summary>
    public ImmutableArray<string> OrganizationalUnits { get; }

    /// <summary>The public key; says nothing about whether the identity is valid.</summary>
    public EcdsaVerifier PublicKey { get; }

    /// <summary>Whether the certificate stems from the MSP's own authorities, is not revoked and has a role the MSP knows.</summary>
    public bool IsValid => validation.Value.Fault is null;

    /// <summary>Why the identity is not valid; null if it is.</summary>
    public string? Invalidity => validation.Value.Fault;

    /// <summary>Whether the certificate stems from the MSP's own authorities; it may be invalid for another reason.</summary>
    public bool HasIssuer => !validation.Value.CertifiersId.IsEmpty;

    /// <summary>Hash over the certificates that issued this one, by which Fabric tells authorities apart.</summary>
    internal ReadOnlyMemory<byte> CertifiersId => validation.Value.CertifiersId;

    /// <summary>Whether the identity is valid and has the role by the MSP's node OUs, or is a member at all.</summary>
    /// <param name="role">A role; the administrators an MSP lists one by one are administrators too.</param>
    public bool HasRole(Common.MSPRole.Types.MSPRoleType role) => msp.HasRole(this, role);

    /// <summary>Whether the identity is valid and is what the principal of a policy describes.</summary>
    /// <param name="principal">A role, an identity or an organizational unit; of any other kind, or unreadable, nobody is.</param>
    public bool Satisfies(Common.MSPPrincipal principal) => Matches(Principal.Of(principal));

    internal bool Matches(Principal principal) => msp.Matches(this, principal);

    /// <summary>Whether the signature over the data is this identity's. Look at <see cref="IsValid"/> as well.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ByteString signature) => PublicKey.Verify(data, signature.Span);

    private static EcdsaVerifier ReadPublicKey(X509Certificate2 certificate, string mspId)
    {
        try
        {
            using var key = certificate.GetECDsaPublicKey()
                ?? throw new FabricDataException($"A certificate of {mspId} holds no elliptic curve key.");
            return new EcdsaVerifier(key);
        }
        catch (CryptographicException e)
        {
            throw new FabricDataException($"A certificate of {mspId} holds a key that cannot be read.", e);
        }
    }
}

/// <summary>Outcome of an MSP's look at an identity.</summary>
/// <param name="Fault">What is wrong; null when nothing is.</param>
/// <param name="CertifiersId">Hash over the issuing certificates; empty when there is no chain.</param>
internal sealed record MspValidation(string? Fault, ReadOnlyMemory<byte> CertifiersId);
