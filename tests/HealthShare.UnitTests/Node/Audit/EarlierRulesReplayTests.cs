using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Support;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>What contracts of an earlier state took and these refuse: a verification names it as the rules for upgrades say.</summary>
public sealed class EarlierRulesReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    public static TheoryData<string> Scopes => ["purpose", "reader", "custodian"];

    [Fact]
    public async Task A_request_for_a_purpose_that_nobody_knows_is_named()
    {
        using var scene = await CreateAsync();
        var asked = await scene.AskAsync(1);
        var access = asked with { Request = asked.Request with { AccessId = LedgerId.New(IdKind.Access), Purpose = "CHECKUP" } };
        await NamedAsync(scene, South, ReplayFaultKind.DecisionForged, Put(LedgerKey.Access(access.Ref), access, Types.AccessEntry));
    }

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task A_grant_and_an_attested_consent_that_name_what_there_is_not_are_named(string what)
    {
        using var scene = await CreateAsync();
        var part = StoryGrant.Scope[0];
        var grant = StoryGrant with
        {
            Scope = [what switch
            {
                "purpose" => part with { Purpose = ["CHECKUP"] },
                "reader" => part with { Who = [new WhoOrg("NobodyMSP")] },
                _ => part with { Custodians = ["NobodyMSP"] },
            }],
        };
        var statement = scene.Ledger.Statement(grant);
        await NamedAsync(scene, South, ReplayFaultKind.StatementForged, Put(LedgerKey.Statement(statement.Patient, statement.Id),
            new StatementEntry(statement.Id, scene.Ledger.Sign(statement), South, scene.Now), Types.StatementEntry));
        var attestation = new AttestConsent(scene.Ledger.PatientId, LedgerId.New(IdKind.Statement), AttestationForm.Word,
            Base64Url.EncodeToString(StatementWriter.WriteGrant(grant)));
        await NamedAsync(scene, North, ReplayFaultKind.AttestationForged, Put(LedgerKey.Attestation(scene.Ledger.PatientId, North, attestation.AttestationId),
            new AttestationEntry(attestation, North, scene.Now), Types.AttestationEntry));
    }

    private static async Task NamedAsync(ReplayScene scene, string creator, ReplayFaultKind kind, (string Key, string? Json) write)
    {
        Assert.Equal(kind, (await scene.ForgeAsync(creator, write))?.Kind);
        Assert.Contains($"`{kind}`", await File.ReadAllTextAsync(Path.Combine(SharedData.RepositoryRoot, "docs", "deployment.md")), StringComparison.Ordinal);
    }
}
