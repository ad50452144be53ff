using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class ExplainTests
{
    private const string Explain = LedgerTransactions.ExplainConsent;

    private static LedgerJson Types => LedgerJson.Default;

    [Fact]
    public async Task An_explanation_is_what_a_request_would_come_to_and_writes_nothing()
    {
        using var scene = await WithRecordsAsync();
        var grant = await scene.GrantAsync(StoryGrant);
        var asked = await scene.AskAsync(scene.Request(1, 2, 3));
        foreach (var decision in asked.Decisions)
        {
            var explained = await scene.QueryAsync(Regulator, Explain, Query(scene) with { Record = decision.Record }, Types.ExplainAccess, Types.Explanation);
            Assert.Equal(decision, explained.Decision);
        }
        var permitted = await scene.QueryAsync(East, Explain, Query(scene), Types.ExplainAccess, Types.Explanation);
        Assert.Equal((true, grant.StatementId), (permitted.Decision.Permitted, permitted.Decision.StatementId));
        Assert.Equal(["revoke", "deny", "end"], permitted.Changes);
        var nurse = await scene.QueryAsync(East, Explain, Query(scene) with { Role = "nurse" }, Types.ExplainAccess, Types.Explanation);
        Assert.Equal(["permit", "near.who"], nurse.Changes);
    }

    [Fact]
    public async Task Nonsense_and_strangers_are_refused()
    {
        using var scene = await WithRecordsAsync();
        var query = Query(scene);
        await Refused("caller.not_member", query, Stranger);
        await Refused("organization.not_found", query with { Requester = Stranger });
        await Refused("record.not_found", query with { Record = new RecordRef(South, RecordId(1)) });
        await Refused("patient.not_found", query with { PatientId = LedgerId.New(IdKind.Patient) });
        await Refused("arguments.invalid", query with { Purpose = "treat" });
        await Refused("arguments.invalid", query with { Role = "" });
        await Refused("arguments.invalid", query with { Staff = "a b" });
        await Refused("arguments.invalid", query with { PatientId = "x" });

        Task Refused(string code, ExplainAccess bad, string caller = North) => scene.RefusedAsync(code, caller, Explain, bad, Types.ExplainAccess);
    }

    private static ExplainAccess Query(LedgerScene scene) =>
        new(scene.PatientId, new RecordRef(North, RecordId(1)), South, "TREAT", "physician");
}
