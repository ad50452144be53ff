using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Consents;

/// <summary>Counted, replacing and broad grants over whole nodes.</summary>
public sealed class GrantFormsApiTests : IAsyncLifetime
{
    private AccessScene scene = null!;

    private string Consents => $"/api/v1/patients/{scene.PatientId}/consents";

    [Fact]
    public async Task A_one_time_permit_opens_the_record_for_one_request_and_stays_readable_in_it()
    {
        var grant = await scene.GrantAsync(ToSouth() with { Uses = 1 });
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal([scene.Glucose], records);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Empty((await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose))).Records);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        var consent = await ConsentAsync(grant);
        Assert.Equal(("usedUp", 0), (consent.GetProperty("status").GetString(), consent.GetProperty("usesLeft").GetInt32()));
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident"));
    }

    [Fact]
    public async Task A_counted_permit_for_own_records_takes_a_transaction_and_the_own_record_rule_takes_none()
    {
        await scene.GrantAsync(ToSouth() with
        {
            Uses = 1, Scope = [new Provision { Who = [new WhoOrg(AccessScene.North)], Purpose = ["HRESCH"] }],
        });
        Assert.Single((await scene.AskAsync(AccessScene.North, scene.Records(scene.Glucose))).Records); // for treatment: the own record rule
        var research = scene.Records(scene.Glucose);
        research["purpose"] = "HRESCH";
        var (id, records) = await scene.AskAsync(AccessScene.North, (JsonObject)research.DeepClone());
        Assert.Equal([scene.Glucose], records);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.North, id, scene.Glucose));
        Assert.Empty((await scene.AskAsync(AccessScene.North, research)).Records);
    }

    [Fact]
    public async Task A_replaced_permit_is_gone_with_what_was_received_under_it()
    {
        var old = await scene.GrantAsync(ToSouth());
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        var next = await scene.GrantAsync(ToSouth() with
        {
            Scope = [new Provision { Who = [new WhoOrg(AccessScene.South, "nurse")] }], Replaces = old,
        });
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));
        var consent = await ConsentAsync(old);
        Assert.Equal(("revoked", next), (consent.GetProperty("status").GetString(), consent.GetProperty("revokedBy").GetString()));
    }

    [Fact]
    public async Task A_broad_permit_waits_and_says_until_when()
    {
        var grant = await scene.GrantAsync(ToSouth() with { Scope = [new Provision { Who = [WhoAnyHospital.Instance] }] });
        Assert.Empty((await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose))).Records);
        var consent = await ConsentAsync(grant);
        Assert.Equal("waiting", consent.GetProperty("status").GetString());
        Assert.Equal(consent.GetProperty("acceptedAt").GetDateTimeOffset().AddHours(24), consent.GetProperty("effectiveFrom").GetDateTimeOffset());
        using var registrar = scene.Client(AccessScene.South, Role.Registrar);
        var signed = scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, ToSouth()));
        Assert.StartsWith("assertion.", await registrar.RefusedAsync(
            $"{Consents}/{grant}/co-signature", (JsonObject)signed["assertion"]!.DeepClone(), HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private static GrantBody ToSouth()
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South, "physician")] }], new Period(now, now.AddDays(30)));
    }

    private async Task<JsonElement> ConsentAsync(string id)
    {
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        return (await officer.GetOkAsync(Consents)).GetProperty("consents").EnumerateArray().Single(consent => consent.GetProperty("id").GetString() == id);
    }
}
