using System.Net;
using HealthShare.Node.Auth;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

public sealed class RecordListTests
{
    [Fact]
    public async Task Records_come_in_pages_newest_data_first_and_a_page_belongs_to_its_purpose()
    {
        await using var scene = await AccessScene.StartAsync();
        await scene.GrantAsync();
        await scene.CaughtUpAsync();
        var list = $"/api/v1/patients/{scene.PatientId}/records";
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        var whole = (await officer.GetOkAsync(list)).GetProperty("records").EnumerateArray().Select(Shown).ToList();
        Assert.InRange(whole.Count, 3, 200);
        Assert.Equal(whole.OrderByDescending(record => record.Date).ThenBy(record => record.Id, StringComparer.Ordinal), whole);
        var (paged, next) = (new List<(DateTimeOffset, string)>(), "");
        do
        {
            var page = await officer.GetOkAsync($"{list}?limit=1{next}");
            paged.Add(Shown(Assert.Single(page.GetProperty("records").EnumerateArray())));
            next = page.TryGetProperty("next", out var at) && at.GetString() is { } cursor ? $"&cursor={cursor}" : "";
            if (next.Length > 0)
            {
                using var other = await officer.GetAsync($"{list}?limit=1&purpose=HRESCH{next}");
                Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
            }
        }
        while (next.Length > 0);
        Assert.Equal(whole, paged);

        // Who treats pages through what is permitted, and never meets the rest.
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var permitted = await physician.GetOkAsync($"{list}?limit=1");
        Assert.Equal(scene.Glucose, Assert.Single(permitted.GetProperty("records").EnumerateArray()).GetProperty("recordId").GetString());
        Assert.False(permitted.TryGetProperty("next", out var none) && none.GetString() is not null);
        foreach (var query in (string[])["?limit=0", "?limit=1001", "?cursor=AAAA", "?purpose=CHECKUP"])
            Assert.Equal(HttpStatusCode.BadRequest, (await officer.GetAsync(list + query)).StatusCode);

        static (DateTimeOffset Date, string Id) Shown(System.Text.Json.JsonElement record) =>
            (record.GetProperty("date").GetDateTimeOffset(), record.GetProperty("recordId").GetString()!);
    }
}
