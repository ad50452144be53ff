using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Policies;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Protocol;

public sealed class PolicyTests
{
    private static readonly Dictionary<string, TestAuthority> Authorities =
        new[] { "A", "B", "C" }.ToDictionary(id => id, id => new TestAuthority(id));
    private static readonly Dictionary<string, FabricMsp> Msps = Authorities.ToDictionary(entry => entry.Key, entry => entry.Value.Msp());
    private static readonly Dictionary<string, MspIdentity> Known = [];

    [Theory]
    [InlineData("OR('A.peer', 'B.peer')", "A.peer", true)]
    [InlineData("OR('A.peer', 'B.peer')", "C.peer", false)]
    [InlineData("OR('A.peer', 'B.peer')", "A.client", false)]
    [InlineData("OR('A.member')", "A.client", true)]
    [InlineData("AND('A.peer', 'B.peer')", "A.peer B.peer", true)]
    [InlineData("AND('A.peer', 'B.peer')", "A.peer A.peer#2", false)]
    [InlineData("AND('A.peer', 'A.peer')", "A.peer", false)]
    [InlineData("AND('A.peer', 'A.peer')", "A.peer A.peer", false)]
    [InlineData("AND('A.peer', 'A.peer')", "A.peer A.peer#2", true)]
    [InlineData("OutOf(2, 'A.peer', 'B.peer', 'C.peer')", "A.peer C.peer", true)]
    [InlineData("OutOf(2, 'A.peer', 'B.peer', 'C.peer')", "A.peer", false)]
    [InlineData("outof('2', \"A.peer\" , 'B.peer')", "B.peer A.peer", true)]
    [InlineData("OutOf(0, 'A.peer')", "", true)]
    [InlineData("OutOf(2, 'A.peer')", "A.peer", false)]
    [InlineData("OR('A.admin', AND('B.peer', 'C.peer'))", "C.peer B.peer", true)]
    [InlineData("OR('A.admin', AND('B.peer', 'C.peer'))", "B.peer", false)]
    [InlineData("AND(OR('A.peer','B.peer'), OR('A.peer','C.peer'))", "A.peer C.peer", true)]
    // Evaluation goes from left to right and never back: what a peer does, so what we do.
    [InlineData("AND('A.member', 'A.peer')", "A.peer A.client", false)]
    [InlineData("AND('A.member', 'A.peer')", "A.client A.peer", true)]
    public void A_policy_holds_for_exactly_the_signers_it_asks_for(string text, string signers, bool holds)
    {
        var policy = new SignatureRule(SignaturePolicyParser.Parse(text));
        Assert.Equal(holds, policy.IsSatisfiedBy(Signers.Distinct(signers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Signer))));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("'A.peer'", 1)]
    [InlineData("XOR('A.peer')", 1)]
    [InlineData("OR()", 4)]
    [InlineData("OR('A.peer'", 12)]
    [InlineData("OR('A.peer',)", 13)]
    [InlineData("OR('A.peer') x", 14)]
    [InlineData("OR('A.king')", 4)]
    [InlineData("OR('A')", 4)]
    [InlineData("OR('.peer')", 4)]
    [InlineData("OR('A_B.peer')", 4)]
    [InlineData("OR('A.peer", 4)]
    [InlineData("OutOf('A.peer')", 7)]
    [InlineData("OutOf(1)", 1)]
    [InlineData("OutOf(3, 'A.peer')", 1)]
    [InlineData("OutOf(99999999999, 'A.peer')", 7)]
    public void A_text_that_is_no_policy_is_refused_with_its_position(string text, int position)
    {
        var refusal = Assert.Throws<FabricDataException>(() => SignaturePolicyParser.Parse(text));
        Assert.Contains($"position {position}:", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Endless_nesting_is_refused() =>
        Assert.Throws<FabricDataException>(() => SignaturePolicyParser.Parse(string.Concat(Enumerable.Repeat("OR(", 5000))));

    [Fact]
    public void Policies_in_messages_must_hold_together()
    {
        Assert.Throws<FabricDataException>(() => new SignatureRule(new SignaturePolicyEnvelope()));
        Assert.Throws<FabricDataException>(() => new SignatureRule(new SignaturePolicyEnvelope { Rule = new() { SignedBy = 0 } }));
        Assert.Throws<FabricDataException>(() => new SignatureRule(new SignaturePolicyEnvelope { Rule = new() { SignedBy = -1 } }));
        Assert.Throws<FabricDataException>(() => new SignatureRule(
            new SignaturePolicyEnvelope { Version = 1, Rule = new() { NOutOf = new() } }));
        Assert.Throws<FabricDataException>(() => SignatureRule.Read(ByteString.CopyFromUtf8("junk")));
    }

    [Fact]
    public void More_signers_never_make_a_one_of_each_policy_fail()
    {
        var ids = new[] { "A.peer", "B.peer", "C.peer", "A.client" };
        Prop.ForAll(
            Gen.SubListOf(ids).Zip(Gen.SubListOf(ids)).Zip(Gen.Choose(0, 3)).ToArbitrary(),
            sample =>
            {
                var ((some, more), count) = (sample.Item1, sample.Item2);
                var policy = new SignatureRule(SignaturePolicyParser.Parse($"OutOf({count}, 'A.peer', 'B.peer', 'C.peer')"));
                var few = Signers.Distinct(some.Select(Signer));
                var many = Signers.Distinct(some.Concat(more).Select(Signer));
                Assert.Equal(few.Count(signer => signer.OrganizationalUnits.Contains("peer")) >= count, policy.IsSatisfiedBy(few));
                return !policy.IsSatisfiedBy(few) || policy.IsSatisfiedBy(many);
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(ImplicitMetaPolicy.Types.Rule.Any, "A.peer", true)]
    [InlineData(ImplicitMetaPolicy.Types.Rule.Any, "A.client", false)]
    [InlineData(ImplicitMetaPolicy.Types.Rule.Majority, "A.peer B.peer", true)]
    [InlineData(ImplicitMetaPolicy.Types.Rule.Majority, "A.peer A.peer#2", false)]
    [InlineData(ImplicitMetaPolicy.Types.Rule.All, "A.peer B.peer", false)]
    [InlineData(ImplicitMetaPolicy.Types.Rule.All, "A.peer B.peer C.peer", true)]
    public void An_implicit_policy_counts_the_groups_below(ImplicitMetaPolicy.Types.Rule rule, string signers, bool holds)
    {
        var application = new ConfigGroup();
        foreach (var id in Authorities.Keys)
        {
            application.Groups[id] = new ConfigGroup
            {
                Policies = { ["Endorsement"] = Policy(Fabric.Protocol.Common.Policy.Types.PolicyType.Signature,
                    SignaturePolicyParser.Parse($"OR('{id}.peer')")) },
            };
        }
        application.Policies["Endorsement"] = Policy(Fabric.Protocol.Common.Policy.Types.PolicyType.ImplicitMeta,
            new ImplicitMetaPolicy { Rule = rule, SubPolicy = "Endorsement" });
        var tree = PolicyTree.Of(new ConfigGroup { Groups = { ["Application"] = application } });

        var policy = tree.Find("/Channel/Application/Endorsement");
        Assert.Equal(holds, policy!.IsSatisfiedBy(Signers.Distinct(signers.Split(' ').Select(Signer))));
        Assert.NotNull(tree.Find("Application/A/Endorsement"));
        Assert.Null(tree.Find("/Channel/Application/Nothing"));
        Assert.Null(tree.Find("/Elsewhere/Application/Endorsement"));
        Assert.Null(tree.Find(""));

        static ConfigPolicy Policy(Fabric.Protocol.Common.Policy.Types.PolicyType type, IMessage value) =>
            new() { Policy = new() { Type = (int)type, Value = value.ToByteString() } };
    }

    private static MspIdentity Signer(string name)
    {
        lock (Known)
        {
            if (!Known.TryGetValue(name, out var identity))
            {
                var (mspId, unit) = (name.Split('.')[0], name.Split('.')[1].Split('#')[0]);
                using var issued = Authorities[mspId].Issue(name, unit);
                Known[name] = identity = Msps[mspId].Read(Encoding.ASCII.GetBytes(issued.CertificatePem));
            }
            return identity;
        }
    }
}
