using System.Net;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>What the channel decided, as whoever audits it sees it at any member's node.</summary>
public sealed class DecisionApiTests
{
    private const string Path = "/api/v1/ledger/decisions";

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Every_decision_on_the_channel_is_listed_with_its_reasons_and_its_place_and_the_list_is_narrowed(DatabaseProvider provider)
    {
        await using var scene = await AccessScene.StartAsync(provider);
        using (var registrar = scene.Client(AccessScene.South, Role.Registrar))
        await using (var crew = await EmergencyCalls.RegisterAsync(registrar, AccessScene.South, scene.PatientId, "staff-0"))
        {
            await scene.AskAsync(AccessScene.South, scene.Records(scene.Hiv));
            await scene.GrantAsync();
            await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose, scene.Image));
            await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
            using var physician = scene.Client(AccessScene.South, Role.Physician);
            await crew.DeclareAsync(physician);
        }
        await scene.CaughtUpAsync();

        using var auditor = scene.Client(AccessScene.North, Role.Auditor);
        var all = Items(await auditor.GetOkAsync(Path));
        Assert.Equal(["denied", "partly", "permitted", "permitted"], all.Select(OutcomeOf).Order());
        var denied = all.Single(item => OutcomeOf(item) == "denied");
        Assert.Equal((AccessScene.South, "physician", "staff-0", scene.PatientId, "TREAT"), (denied.GetProperty("requester").GetString(), denied.GetProperty("role").GetString(),
            denied.GetProperty("staff").GetString(), denied.GetProperty("patientId").GetString(), denied.GetProperty("purpose").GetString()));
        Assert.False(denied.TryGetProperty("emergencyId", out _));
        var decision = Assert.Single(denied.GetProperty("decisions").EnumerateArray().ToList());
        Assert.Equal((scene.Hiv, AccessScene.North, false, "deny.default"), (decision.GetProperty("recordId").GetString(), decision.GetProperty("custodian").GetString(),
            decision.GetProperty("permitted").GetBoolean(), decision.GetProperty("reason").GetString()));
        var partly = all.Single(item => OutcomeOf(item) == "partly").GetProperty("decisions").EnumerateArray();
        Assert.Equal([("deny.default", false), ("permit.signed", true)],
            partly.Select(one => (one.GetProperty("reason").GetString(), one.GetProperty("permitted").GetBoolean())).Order());
        foreach (var item in all)
        {
            Assert.Equal(item.GetProperty("block").GetInt64(), await scene.ScalarAsync<long>(AccessScene.North,
                $"SELECT block FROM block_transaction WHERE transaction_id = '{item.GetProperty("transactionId").GetString()}'"));
        }

        var paged = new List<JsonElement>();
        for (var next = $"{Path}?limit=1"; next is not null;)
        {
            var page = await auditor.GetOkAsync(next);
            paged.Add(Assert.Single(Items(page)));
            next = page.TryGetProperty("next", out var cursor) ? $"{Path}?limit=1&cursor={cursor.GetString()}" : null;
        }
        Assert.Equal(all.Select(IdOf), paged.Select(IdOf));
        Assert.True(paged.Zip(paged.Skip(1)).All(pair => AtOf(pair.First) >= AtOf(pair.Second)));

        var emergency = Assert.Single(await NarrowedAsync("emergency=true"));
        Assert.Equal("permit.emergency", emergency.GetProperty("decisions")[0].GetProperty("reason").GetString());
        Assert.StartsWith("em-", emergency.GetProperty("emergencyId").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, (await NarrowedAsync("emergency=false")).Count);
        Assert.Equal(IdOf(denied), IdOf(Assert.Single(await NarrowedAsync("outcome=denied"))));
        Assert.Single(await NarrowedAsync("outcome=partly&emergency=false&requester=SouthMSP"));
        Assert.Empty(await NarrowedAsync("outcome=partly&emergency=true"));
        Assert.Equal(4, (await NarrowedAsync("requester=SouthMSP")).Count);
        Assert.Empty(await NarrowedAsync("requester=NorthMSP"));
        var (oldest, newest) = (AtOf(all[^1]), AtOf(all[0]));
        Assert.Equal(4, (await NarrowedAsync($"from={Time(oldest)}&to={Time(newest.AddSeconds(1))}")).Count);
        Assert.Empty(await NarrowedAsync($"to={Time(oldest)}")); // before that time
        Assert.Empty(await NarrowedAsync($"from={Time(newest.AddSeconds(1))}"));

        // A node that was there before it listed them makes up for it once.
        await scene.ExecuteAsync(AccessScene.North, "DELETE FROM channel_decision");
        await scene.RestartAsync(AccessScene.North);
        using var again = scene.Client(AccessScene.North, Role.Auditor);
        await AccessScene.UntilAsync("the list", async () => Items(await again.GetOkAsync(Path)).Count > 0);
        Assert.Equal(all.Select(item => item.GetRawText()).Order(), Items(await again.GetOkAsync(Path)).Select(item => item.GetRawText()).Order());

        async Task<List<JsonElement>> NarrowedAsync(string query) => Items(await auditor.GetOkAsync($"{Path}?{query}"));
    }

    [Fact]
    public async Task Whoever_may_not_sees_no_decision_and_what_narrows_nothing_is_refused()
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Node:Kind"] = "Regulator" });
        foreach (var role in Enum.GetValues<Role>().Except([Role.Auditor, Role.PrivacyOfficer]))
        {
            using var other = node.Client(role);
            Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync(Path)).StatusCode);
        }
        using var auditor = node.Client(Role.Auditor);
        Assert.Empty(Items(await auditor.GetOkAsync(Path)));
        foreach (var query in (string[])
        [
            "limit=0", "limit=101", "cursor=AAAA", "outcome=maybe", "outcome=", "requester=", "requester=%00", $"requester={new string('x', 201)}", "emergency=perhaps", "from=yesterday", "to=1",
        ])
            Assert.Equal(HttpStatusCode.BadRequest, (await auditor.GetAsync($"{Path}?{query}")).StatusCode);
    }

    private static string? OutcomeOf(JsonElement item) => item.GetProperty("outcome").GetString();

    private static string? IdOf(JsonElement item) => item.GetProperty("accessId").GetString();

    private static DateTimeOffset AtOf(JsonElement item) => item.GetProperty("at").GetDateTimeOffset();

    private static string Time(DateTimeOffset at) => Uri.EscapeDataString(at.ToString("O", System.Globalization.CultureInfo.InvariantCulture));

    private static List<JsonElement> Items(JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];
}
