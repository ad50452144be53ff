using System.Net;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Ledger;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>What readers see of records that were replaced, amended, cancelled or taken back, and of where records come from.</summary>
public sealed class RecordFateTests : IAsyncLifetime
{
    private AccessScene scene = null!;

    [Fact]
    public async Task Who_asks_for_a_category_gets_what_stands_and_who_names_a_record_sees_what_became_of_it()
    {
        await scene.GrantAsync();
        await SupersedeAsync(new NewSupersession(scene.PatientId, scene.Hiv, Relation.Replaces, scene.Glucose));
        foreach (var member in (string[])[AccessScene.North, AccessScene.South])
            Assert.Equal([scene.Glucose], (await scene.AskAsync(member, scene.Categories("laboratory"))).Records);

        var both = await FatesAsync(AccessScene.North, scene.Glucose, scene.Hiv);
        Assert.Equal(("replaces", scene.Glucose), both[scene.Hiv].Single());
        Assert.Empty(both[scene.Glucose]);
        // The later record is named only where it is shown itself.
        Assert.Equal(("replaces", null), (await FatesAsync(AccessScene.North, scene.Hiv))[scene.Hiv].Single());
    }

    [Fact]
    public async Task A_record_that_is_amended_stands_and_says_so()
    {
        await scene.GrantAsync();
        await SupersedeAsync(new NewSupersession(scene.PatientId, scene.Glucose, Relation.Amends, scene.Image));
        Assert.Equal([scene.Glucose], (await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"))).Records);
        Assert.Equal(("amends", null), (await FatesAsync(AccessScene.South, scene.Glucose))[scene.Glucose].Single());
    }

    [Fact]
    public async Task What_was_replaced_by_a_record_that_is_denied_is_not_offered_as_if_it_stood()
    {
        await scene.GrantAsync(); // laboratory without HIV
        await SupersedeAsync(new NewSupersession(scene.PatientId, scene.Glucose, Relation.Replaces, scene.Hiv));
        Assert.Empty((await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"))).Records);
        Assert.Equal(("replaces", null), (await FatesAsync(AccessScene.South, scene.Glucose))[scene.Glucose].Single());
    }

    [Fact]
    public async Task A_record_that_was_taken_back_is_gone_for_readers_also_where_its_key_was_given_out_before()
    {
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        await SupersedeAsync(new NewSupersession(scene.PatientId, scene.Glucose, Relation.Withdraws));
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{scene.Glucose}");
        foreach (var member in (string[])[AccessScene.North, AccessScene.South])
            Assert.Empty((await scene.AskAsync(member, scene.Records(scene.Glucose))).Records);
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        using var list = JsonDocument.Parse(await officer.GetStringAsync($"/api/v1/patients/{scene.PatientId}/records"));
        var fates = list.RootElement.GetProperty("records").EnumerateArray()
            .Single(record => record.GetProperty("recordId").GetString() == scene.Glucose).GetProperty("fates");
        Assert.Equal("withdraws", fates[0].GetProperty("relation").GetString());
    }

    [Fact]
    public async Task Where_a_record_comes_from_is_told_to_its_readers_and_written_down()
    {
        await scene.GrantAsync();
        await scene.ExecuteAsync(AccessScene.North, $"INSERT INTO record_provenance (record_id, received_at, door) VALUES ('{scene.Glucose}', 1000, 'mllp')");
        var (own, _) = await scene.AskAsync(AccessScene.North, scene.Records(scene.Glucose));
        using var here = await ProvenanceAsync(AccessScene.North, own);
        Assert.Equal(("LAB", "NORTH", "20260301", "ORU^R01", "mllp"), Told(here));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1000), here.RootElement.GetProperty("receivedAt").GetDateTimeOffset());
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose, scene.Hiv));
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose);
        using var there = await ProvenanceAsync(AccessScene.South, id);
        Assert.Equal(("LAB", "NORTH", "20260301", "ORU^R01", null), Told(there));
        Assert.Equal(2, await scene.ScalarAsync<long>(AccessScene.South, $"SELECT count(*) FROM access_event WHERE kind = 'read' AND record_id = '{scene.Glucose}'"));
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{scene.Hiv}/provenance");
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private async Task SupersedeAsync(NewSupersession said)
    {
        await scene.Channel.As(AccessScene.North).SubmitAsync(new LedgerCall(LedgerTransactions.SupersedeRecords,
            JsonSerializer.SerializeToUtf8Bytes(new SupersedeRecords([said]), LedgerJson.Default.SupersedeRecords)), default);
        await scene.CaughtUpAsync();
    }

    private async Task<Dictionary<string, List<(string Relation, string? By)>>> FatesAsync(string member, params string[] records)
    {
        using var client = scene.Client(member, Role.Physician);
        var view = await client.PostAsync(AccessScene.Requests, scene.Records(records), HttpStatusCode.Created);
        return view.GetProperty("records").EnumerateArray().ToDictionary(record => record.GetProperty("recordId").GetString()!,
            record => record.GetProperty("fates").EnumerateArray()
                .Select(fate => (fate.GetProperty("relation").GetString()!, fate.TryGetProperty("by", out var by) ? by.GetString() : null)).ToList());
    }

    private async Task<JsonDocument> ProvenanceAsync(string member, string id)
    {
        using var client = scene.Client(member, Role.Physician);
        return JsonDocument.Parse(await client.GetStringAsync($"{AccessScene.Requests}/{id}/records/{scene.Glucose}/provenance"));
    }

    private static (string?, string?, string?, string?, string?) Told(JsonDocument told)
    {
        var root = told.RootElement;
        return (root.GetProperty("sendingApplication").GetProperty("name").GetString(), root.GetProperty("sendingFacility").GetProperty("name").GetString(),
            root.GetProperty("sentAt").GetString(), root.GetProperty("messageType").GetString(),
            root.TryGetProperty("door", out var door) ? door.GetString() : null);
    }
}
