using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.UnitTests.Support;
using Role = HealthShare.Fabric.Protocol.Common.MSPRole.Types.MSPRoleType;

namespace HealthShare.UnitTests.Protocol;

public sealed class MspTests
{
    private readonly TestAuthority north = new("NorthMSP");
    private readonly TestAuthority south = new("SouthMSP");

    [Theory]
    [InlineData("client", Role.Client)]
    [InlineData("peer", Role.Peer)]
    [InlineData("admin", Role.Admin)]
    [InlineData("orderer", Role.Orderer)]
    public void An_identity_has_the_role_of_its_unit_and_no_other(string unit, Role role)
    {
        var identity = Identity(north.Msp(), north.Issue("someone", unit));

        Assert.Null(identity.Invalidity);
        Assert.True(identity.HasRole(Role.Member));
        Assert.Equal([role], new[] { Role.Client, Role.Peer, Role.Admin, Role.Orderer }.Where(identity.HasRole));
    }

    [Theory]
    [InlineData("", "has no organizational unit for a role")]
    [InlineData("radiology", "has no organizational unit for a role")]
    [InlineData("peer,client", "has more than one organizational unit for a role")]
    public void An_identity_without_exactly_one_role_is_no_member(string unit, string reason)
    {
        var identity = Identity(north.Msp(), north.Issue("someone", unit));

        Assert.StartsWith(reason, identity.Invalidity, StringComparison.Ordinal);
        Assert.False(identity.HasRole(Role.Member));
    }

    [Fact]
    public void A_certificate_of_another_authority_is_no_member_even_if_it_says_so()
    {
        var identity = Identity(north.Msp(), south.Issue("forger", "peer", claimedMspId: "NorthMSP"));
        Assert.Contains("no chain to NorthMSP's roots", identity.Invalidity, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expired_certificate_still_speaks_for_old_blocks()
    {
        var expired = north.Issue("old", "peer", from: new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero), until: new(2026, 1, 3, 0, 0, 0, TimeSpan.Zero));
        Assert.Null(Identity(north.Msp(), expired).Invalidity);
    }

    [Fact]
    public void A_revoked_certificate_is_no_member_and_its_neighbour_is()
    {
        var (revoked, other) = (north.Issue("revoked", "peer"), north.Issue("other", "peer"));
        var config = north.Config();
        config.RevocationList.Add(north.RevocationListOf(revoked));
        var msp = new FabricMsp(config);

        Assert.Equal("is revoked", Identity(msp, revoked).Invalidity);
        Assert.Null(Identity(msp, other).Invalidity);
    }

    [Fact]
    public void A_revocation_list_of_a_stranger_revokes_nothing()
    {
        var peer = north.Issue("peer", "peer");
        var config = north.Config();
        config.RevocationList.Add(south.RevocationListOf(peer));
        Assert.Null(Identity(new FabricMsp(config), peer).Invalidity);
    }

    [Fact]
    public void An_intermediate_authority_issues_and_its_root_may_not_any_more()
    {
        var intermediate = new TestAuthority("NorthMSP", north);
        var msp = intermediate.Msp();

        Assert.Null(Identity(msp, intermediate.Issue("peer", "peer")).Invalidity);
        Assert.Contains("has authorities below it", Identity(msp, north.Issue("peer", "peer")).Invalidity, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_cannot_act_as_a_member()
    {
        var config = north.Config();
        var identity = new FabricMsp(config).Read(config.RootCerts[0].Span);
        Assert.Equal("is an authority's own certificate", identity.Invalidity);
    }

    [Fact]
    public void A_listed_administrator_is_one_without_node_units()
    {
        var (admin, other) = (north.Issue("admin", ""), north.Issue("other", ""));
        var config = north.Config(nodeUnits: false);
        config.Admins.Add(ByteString.CopyFromUtf8(admin.CertificatePem));
        var msp = new FabricMsp(config);

        Assert.True(Identity(msp, admin).HasRole(Role.Admin));
        Assert.False(Identity(msp, other).HasRole(Role.Admin));
        Assert.False(Identity(msp, other).HasRole(Role.Peer));
        Assert.True(Identity(msp, other).HasRole(Role.Member));
    }

    [Fact]
    public void Principals_match_by_role_by_identity_and_by_unit()
    {
        var msp = north.Msp();
        var signer = north.Issue("someone", "peer");
        var identity = Identity(msp, signer);

        Assert.True(identity.Satisfies(RoleOf("NorthMSP", Role.Peer)));
        Assert.False(identity.Satisfies(RoleOf("NorthMSP", Role.Client)));
        Assert.False(identity.Satisfies(RoleOf("SouthMSP", Role.Peer)));
        Assert.True(identity.Satisfies(new() { PrincipalClassification = MSPPrincipal.Types.Classification.Identity, Principal = signer.Creator }));
        Assert.False(identity.Satisfies(new()
        {
            PrincipalClassification = MSPPrincipal.Types.Classification.Identity,
            Principal = north.Issue("someone", "peer").Creator,
        }));
        var certifiers = SHA256.HashData(LowSCertificate(north));
        Assert.True(identity.Satisfies(Unit("peer", certifiers)));
        Assert.False(identity.Satisfies(Unit("client", certifiers)));
        Assert.False(identity.Satisfies(Unit("peer", new byte[32])));

        static MSPPrincipal Unit(string name, byte[] certifiers) => new()
        {
            PrincipalClassification = MSPPrincipal.Types.Classification.OrganizationUnit,
            Principal = new OrganizationUnit
            {
                MspIdentifier = "NorthMSP", OrganizationalUnitIdentifier = name, CertifiersIdentifier = ByteString.CopyFrom(certifiers),
            }.ToByteString(),
        };
    }

    [Fact]
    public void A_channel_tells_whose_signature_it_is()
    {
        var channel = new MspDirectory([north.Msp(), south.Msp()]);
        var peer = south.Issue("peer0", "peer");
        var data = "block"u8.ToArray();

        var signer = channel.Verify(peer.Creator, data, ByteString.CopyFrom(peer.Sign(data)), out var fault);
        Assert.Equal("SouthMSP", signer?.MspId);
        Assert.Equal("", fault);

        Assert.Null(channel.Verify(peer.Creator, "other"u8, ByteString.CopyFrom(peer.Sign(data)), out fault));
        Assert.Contains("signature is not that of", fault, StringComparison.Ordinal);
        Assert.Null(channel.Verify(new TestAuthority("EastMSP").Issue("x", "peer").Creator, data, ByteString.Empty, out fault));
        Assert.Contains("'EastMSP' is not of the channel", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no pem at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void What_is_no_certificate_is_refused_with_the_documented_exception(string pem)
    {
        var channel = new MspDirectory([north.Msp()]);
        var creator = new SerializedIdentity { Mspid = "NorthMSP", IdBytes = ByteString.CopyFromUtf8(pem) }.ToByteString();

        Assert.Throws<FabricDataException>(() => channel.Read(creator));
        Assert.Throws<FabricDataException>(() => channel.Read(creator.IsEmpty ? creator : ByteString.CopyFrom(creator.Span[..^1])));
        Assert.Null(channel.Verify(creator, [], ByteString.Empty, out var fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        Assert.Throws<FabricDataException>(() => north.Issue("x", "peer", curve: ECCurve.NamedCurves.nistP384));
    }

    [Fact]
    public void A_configuration_that_a_peer_refuses_is_refused()
    {
        Assert.Throws<FabricDataException>(() => new FabricMsp(new FabricMSPConfig { Name = "NorthMSP" }));
        Assert.Throws<FabricDataException>(() => new TestAuthority("NorthMSP", isAuthority: false).Msp());
        Assert.Throws<FabricDataException>(() => FabricMsp.FromConfig(new MSPConfig { Type = 1 }));
        var orphan = new TestAuthority("NorthMSP", south).Config();
        orphan.RootCerts.Clear();
        orphan.RootCerts.Add(TestAuthority.Pem(north.Certificate));
        Assert.Throws<FabricDataException>(() => new FabricMsp(orphan));
        var broken = north.Config();
        broken.RevocationList.Add(ByteString.CopyFromUtf8("junk"));
        Assert.Throws<FabricDataException>(() => new FabricMsp(broken));
    }

    private static MspIdentity Identity(FabricMsp msp, SigningIdentity identity) => msp.Read(Encoding.ASCII.GetBytes(identity.CertificatePem));

    private static MSPPrincipal RoleOf(string mspId, Role role) => new()
    {
        PrincipalClassification = MSPPrincipal.Types.Classification.Role,
        Principal = new MSPRole { MspIdentifier = mspId, Role = role }.ToByteString(),
    };

    /// <summary>The root certificate with its signature in low-S form, made another way than the code under test does.</summary>
    private static byte[] LowSCertificate(TestAuthority authority)
    {
        var order = System.Numerics.BigInteger.Parse("115792089210356248762697446949407573529996955224135760342422259061068512044369",
            System.Globalization.CultureInfo.InvariantCulture);
        var outer = new System.Formats.Asn1.AsnReader(authority.Certificate.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        var (body, algorithm) = (outer.ReadEncodedValue(), outer.ReadEncodedValue());
        var signature = new System.Formats.Asn1.AsnReader(outer.ReadBitString(out _), System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        var (r, s) = (signature.ReadInteger(), signature.ReadInteger());
        var inner = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (inner.PushSequence())
        {
            inner.WriteInteger(r);
            inner.WriteInteger(s + s > order ? order - s : s);
        }
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(body.Span);
            writer.WriteEncodedValue(algorithm.Span);
            writer.WriteBitString(inner.Encode());
        }
        return writer.Encode();
    }
}
