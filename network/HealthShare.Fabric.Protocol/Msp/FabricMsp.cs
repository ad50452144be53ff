using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Policies;
using RoleType = HealthShare.Fabric.Protocol.Common.MSPRole.Types.MSPRoleType;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>
/// One member's membership service provider, from its configuration on the channel: who belongs to the member, and in which
/// role. Follows the X.509 MSP of Fabric 1.4.3 to 3.x. The end of a certificate's validity is not looked at, since blocks
/// outlive certificates; a peer does the same.
/// </summary>
public sealed class FabricMsp
{
    private readonly CertificateChain chains;
    private readonly ImmutableArray<RevocationList> revocations;
    private readonly NodeUnits units;
    private readonly HashSet<string> parents = new(StringComparer.Ordinal);
    private readonly HashSet<string> administrators = new(StringComparer.Ordinal);

    /// <summary>Sets the MSP up as a peer would, refusing a configuration that a peer refuses.</summary>
    /// <exception cref="FabricDataException">The configuration holds something unreadable or contradictory.</exception>
    public FabricMsp(FabricMSPConfig config)
    {
        MspId = config.Name;
        if (MspId.Length == 0)
            throw new FabricDataException("An MSP's configuration has no name.");
        if (config.RootCerts.Count == 0)
            throw new FabricDataException($"{MspId} has no root certificate.");
        X509Certificate2[] roots =
            [.. config.RootCerts.Select(pem => PemCertificate.Read(pem.Span, $"root certificate of {MspId}"))];
        X509Certificate2[] intermediates =
            [.. config.IntermediateCerts.Select(pem => PemCertificate.Read(pem.Span, $"intermediate certificate of {MspId}"))];
        chains = new CertificateChain(roots, intermediates);
        revocations = [.. config.RevocationList.Select(list => RevocationList.Read(list.Memory))];
        RootCertificates = [.. config.RootCerts];
        IntermediateCertificates = [.. config.IntermediateCerts];
        TlsRootCertificates = [.. config.TlsRootCerts];

        try
        {
            foreach (var authority in roots.Concat(intermediates))
                CheckAuthority(authority);
            foreach (var intermediate in intermediates)
                parents.UnionWith(ChainOfAuthority(intermediate).Skip(1).Select(issuer => issuer.Thumbprint));
            units = NodeUnits.Read(config, CertifiersIdOfAuthority);
        }
        catch (CryptographicException e)
        {
            throw new FabricDataException($"A certificate among {MspId}'s authorities cannot be read.", e);
        }
        foreach (var pem in config.Admins)
            administrators.Add(new MspIdentity(this, PemCertificate.Read(pem.Span, $"administrator of {MspId}")).Key);
    }

    /// <summary>MSP id of the member.</summary>
    public string MspId { get; }

    /// <summary>Root certificates in PEM.</summary>
    public ImmutableArray<ByteString> RootCertificates { get; }

    /// <summary>Intermediate certificates in PEM.</summary>
    public ImmutableArray<ByteString> IntermediateCertificates { get; }

    /// <summary>Roots of the member's TLS certificates, in PEM; they vouch for connections, not for signatures.</summary>
    public ImmutableArray<ByteString> TlsRootCertificates { get; }

    /// <summary>Reads the value <c>MSP</c> of an organization in the channel's configuration.</summary>
    /// <exception cref="FabricDataException">It cannot be read, or is not of the X.509 kind.</exception>
    public static FabricMsp FromConfig(MSPConfig config) => config.Type == 0
        ? new FabricMsp(FabricMSPConfig.Parser.Read(config.Config, "MSP configuration"))
        : throw new FabricDataException($"An MSP of type {config.Type} is not an X.509 MSP (type 0).");

    /// <summary>Reads a certificate that claims to be of this member; it need not be valid.</summary>
    /// <param name="certificatePem">A certificate in PEM.</param>
    /// <exception cref="FabricDataException">It cannot be read or holds no P-256 key.</exception>
    public MspIdentity Read(ReadOnlySpan<byte> certificatePem) =>
        new(this, PemCertificate.Read(certificatePem, $"certificate for {MspId}"));

    internal MspValidation Validate(MspIdentity identity)
    {
        try
        {
            return Judge(identity);
        }
        catch (CryptographicException)
        {
            // Extensions are decoded when they are looked at, and a stranger may have written anything into them.
            return new("holds an extension that cannot be read", default);
        }
    }

    private MspValidation Judge(MspIdentity identity)
    {
        if (IsAuthority(identity.Certificate))
            return new("is an authority's own certificate", default);
        if (chains.Build(identity.Certificate, out var fault) is not { } chain)
            return new($"has no chain to {MspId}'s roots: {fault}", default);
        if (chain.Length < 2)
            return new("is a root certificate", default);
        if (parents.Contains(chain[1].Thumbprint))
            return new("is issued by an authority that has authorities below it", default);
        if (IsRevoked(chain))
            return new("is revoked", default);
        var certifiersId = CertifiersId(chain.AsSpan(1));
        return new(units.Check(identity.OrganizationalUnits, certifiersId.Span), certifiersId);
    }

    internal bool HasRole(MspIdentity identity, RoleType role) => role switch
    {
        RoleType.Member => identity.IsValid,
        RoleType.Admin when administrators.Contains(identity.Key) => true,
        _ => identity.IsValid && units.Name(role) is { } unit && identity.OrganizationalUnits.Contains(unit),
    };

    internal bool Matches(MspIdentity identity, Principal principal) => principal switch
    {
        { Role: { } role } => role.MspIdentifier == MspId && HasRole(identity, role.Role),
        { Identity: { } one } => one.Mspid == MspId && IsCertificateOf(identity, one.IdBytes) && identity.IsValid,
        { Unit: { } unit } => unit.MspIdentifier == MspId && identity.IsValid
            && identity.OrganizationalUnits.Contains(unit.OrganizationalUnitIdentifier)
            && identity.CertifiersId.Span.SequenceEqual(unit.CertifiersIdentifier.Span),
        _ => false,
    };

    private bool IsCertificateOf(MspIdentity identity, ByteString certificatePem)
    {
        try
        {
            return Read(certificatePem.Span).Key == identity.Key;
        }
        catch (FabricDataException)
        {
            return false; // nobody can be what cannot be read; a peer says the same
        }
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(extension => extension.CertificateAuthority);

    private bool IsRevoked(X509Certificate2[] chain) => revocations.Any(list => list.Revokes(chain[0], chain[1]));

    private void CheckAuthority(X509Certificate2 authority)
    {
        if (!IsAuthority(authority))
            throw new FabricDataException($"A certificate among {MspId}'s authorities may not issue certificates.");
        if (!authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any())
            throw new FabricDataException($"A certificate among {MspId}'s authorities has no subject key identifier.");
        var chain = ChainOfAuthority(authority);
        if (chain.Length > 1 && IsRevoked(chain))
            throw new FabricDataException($"A certificate among {MspId}'s authorities is revoked.");
    }

    private X509Certificate2[] ChainOfAuthority(X509Certificate2 authority) => chains.Build(authority, out var fault)
        ?? throw new FabricDataException($"A certificate among {MspId}'s authorities has no chain to its roots: {fault}.");

    private ReadOnlyMemory<byte> CertifiersIdOfAuthority(ByteString pem)
    {
        using var authority = PemCertificate.Read(pem.Span, $"certificate of a unit of {MspId}");
        return CertifiersId(ChainOfAuthority(authority));
    }

    private static ReadOnlyMemory<byte> CertifiersId(ReadOnlySpan<X509Certificate2> chain)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < chain.Length; i++)
        {
            using var issuerKey = chain[Math.Min(i + 1, chain.Length - 1)].GetECDsaPublicKey();
            hash.AppendData(LowS.NormalizeCertificate(
                chain[i].RawData, issuerKey?.ExportParameters(includePrivateParameters: false)));
        }
        return hash.GetHashAndReset();
    }
}
