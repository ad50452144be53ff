using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>From the request to the plaintext and to its end, over two whole nodes.</summary>
public sealed class AccessStoryTests
{
    /// <summary>Every database at hand: SQLite, and PostgreSQL where one is named.</summary>
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task South_reads_the_bytes_that_North_received_until_the_patient_revokes(DatabaseProvider database)
    {
        await using var scene = await AccessScene.StartAsync(database);
        Assert.Empty((await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"))).Records);

        var grant = await scene.GrantAsync();
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Categories("laboratory", "imaging"));
        Assert.Equal([scene.Glucose], records);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var view = await physician.GetOkAsync($"{AccessScene.Requests}/{id}");
        Assert.Equal("ready", view.GetProperty("records")[0].GetProperty("status").GetString());
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));

        await SeeInLogAsync(scene, id, grant);

        await scene.RevokeAsync(grant);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM secret WHERE purpose = 'received-key'"));
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{scene.Glucose}");
        Assert.Empty((await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"))).Records);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident"));
    }

    private static async Task SeeInLogAsync(AccessScene scene, string id, string grant)
    {
        // Only South knows who read at South; the request and its release every member knows.
        foreach (var (mspId, reads) in new[] { (AccessScene.South, 1), (AccessScene.North, 0) })
        {
            using var officer = scene.Client(mspId, Role.PrivacyOfficer);
            var items = (await officer.GetOkAsync($"/api/v1/patients/{scene.PatientId}/access-log")).GetProperty("items").EnumerateArray().ToList();
            var request = items.Single(item => item.GetProperty("kind").GetString() == "request" && item.GetProperty("accessId").GetString() == id);
            Assert.True(request.GetProperty("onLedger").GetBoolean());
            Assert.Equal((AccessScene.South, "physician", "TREAT"), (Text(request, "requester"), Text(request, "role"), Text(request, "purpose")));
            var decisions = request.GetProperty("decisions").EnumerateArray().ToDictionary(decision => Text(decision, "recordId")!);
            Assert.Equal(("permit.signed", grant), (Text(decisions[scene.Glucose], "reason"), Text(decisions[scene.Glucose], "statementId")));
            Assert.False(decisions[scene.Hiv].GetProperty("permitted").GetBoolean());
            Assert.False(decisions[scene.Image].GetProperty("permitted").GetBoolean());
            var release = Assert.Single(request.GetProperty("releases").EnumerateArray());
            Assert.Equal(scene.Glucose, Assert.Single(release.GetProperty("recordIds").EnumerateArray()).GetString());
            Assert.Equal(reads, items.Count(item => Text(item, "kind") == "read" && Text(item, "recordId") == scene.Glucose && Text(item, "staff") is not null));
        }
    }

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;
}
