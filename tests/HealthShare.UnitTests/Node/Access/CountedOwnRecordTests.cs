using System.Net;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

public sealed class CountedOwnRecordTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // the hospital attested on paper that the patient does not want it; what is signed goes before
    public async Task A_one_time_permit_for_a_hospitals_own_records_takes_its_use_on_the_channel_and_serves_once(bool attestedDeny)
    {
        await using var scene = await AccessScene.StartAsync();
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        if (attestedDeny)
        {
            using var registrar = scene.Client(AccessScene.North, Role.Registrar);
            await registrar.PostAsync($"/api/v1/patients/{scene.PatientId}/consents/attestations", new JsonObject
            {
                ["form"] = "paper",
                ["body"] = JsonNode.Parse(StatementWriter.WriteGrant(new GrantBody(Effect.Deny, [new Provision { Purpose = ["HRESCH"] }], new Period(now)))),
            }, HttpStatusCode.Created);
        }
        await scene.GrantAsync(new GrantBody(Effect.Permit, [new Provision
        {
            Who = [new WhoOrg(AccessScene.North)], Purpose = ["HRESCH"], Records = [scene.Glucose],
        }], new Period(now, now.AddDays(10)), Uses: 1));
        var asked = scene.Records(scene.Glucose);
        asked["purpose"] = "HRESCH";
        Assert.Equal([scene.Glucose], (await scene.AskAsync(AccessScene.North, asked.DeepClone().AsObject())).Records);
        Assert.Equal(1, scene.Ledger(AccessScene.North).CountOf(LedgerTransactions.RequestAccess));
        await scene.CaughtUpAsync();
        Assert.Empty((await scene.AskAsync(AccessScene.North, asked)).Records);
        Assert.Single((await scene.AskAsync(AccessScene.North, scene.Records(scene.Glucose))).Records); // treatment takes none
        Assert.Equal(1, scene.Ledger(AccessScene.North).CountOf(LedgerTransactions.RequestAccess));
    }
}
