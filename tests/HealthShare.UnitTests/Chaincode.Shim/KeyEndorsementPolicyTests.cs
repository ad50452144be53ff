using Google.Protobuf;
using HealthShare.Chaincode.Shim;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class KeyEndorsementPolicyTests
{
    [Fact]
    public void The_same_organizations_give_the_same_bytes_as_Fabrics_own_tools()
    {
        var policy = new KeyEndorsementPolicy().Add(EndorserRole.Peer, "SouthMSP", "NorthMSP").ToBytes();
        Assert.Equal(policy, new KeyEndorsementPolicy().Add(EndorserRole.Peer, "NorthMSP").Add(EndorserRole.Peer, "SouthMSP").ToBytes());
        Assert.Equal(policy, SignaturePolicyParser.Parse("AND('NorthMSP.peer', 'SouthMSP.peer')").ToByteArray());
        Assert.Equal(new KeyEndorsementPolicy().Add(EndorserRole.Member, "NorthMSP").ToBytes(),
            SignaturePolicyParser.Parse("AND('NorthMSP.member')").ToByteArray());
    }

    [Fact]
    public void A_policy_is_read_changed_and_written_again()
    {
        var read = KeyEndorsementPolicy.Parse(new KeyEndorsementPolicy().Add(EndorserRole.Peer, "b", "a", "c").ToBytes());
        Assert.Equal(["a", "b", "c"], read.MspIds);
        Assert.Equal(["a", "c"], KeyEndorsementPolicy.Parse(read.Remove("b", "absent").ToBytes()).MspIds);
        Assert.Empty(KeyEndorsementPolicy.Parse([]).MspIds);
    }

    [Fact]
    public void A_policy_without_organizations_cannot_be_written()
    {
        Assert.Throws<InvalidOperationException>(() => new KeyEndorsementPolicy().ToBytes());
        Assert.Throws<ArgumentException>(() => new KeyEndorsementPolicy().Add(EndorserRole.Peer, ""));
    }

    [Fact]
    public void Policies_with_another_rule_and_malformed_ones_are_refused()
    {
        var outside = new SignaturePolicyEnvelope { Rule = new() { NOutOf = new() { N = 1, Rules = { new SignaturePolicy { SignedBy = 7 } } } } };
        var identity = SignaturePolicyParser.Parse("AND('a.peer')");
        identity.Identities[0].PrincipalClassification = MSPPrincipal.Types.Classification.Identity;
        var role = SignaturePolicyParser.Parse("AND('a.peer')");
        role.Identities[0].Principal = ByteString.CopyFrom(0xFF, 0xFF);
        byte[][] refused =
        [
            [0xFF, 0xFF],
            SignaturePolicyParser.Parse("OR('a.peer', 'b.peer')").ToByteArray(),
            SignaturePolicyParser.Parse("AND('a.peer', OR('b.peer', 'c.peer'))").ToByteArray(),
            new SignaturePolicyEnvelope { Version = 1 }.ToByteArray(),
            outside.ToByteArray(),
            identity.ToByteArray(),
            role.ToByteArray(),
        ];
        Assert.All(refused, bytes =>
            Assert.Equal("policy.invalid", Assert.Throws<ContractException>(() => KeyEndorsementPolicy.Parse(bytes)).Code));
    }
}
