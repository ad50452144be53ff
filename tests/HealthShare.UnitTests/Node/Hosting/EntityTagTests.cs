using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using HealthShare.Node.Auth;
using HealthShare.Node.Incidents;
using HealthShare.Node.Problems;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>Tags of what is read, and cursors of lists.</summary>
public sealed class EntityTagTests
{
    [Fact]
    public async Task What_has_not_changed_is_answered_with_304_and_nobody_on_the_way_stores_it()
    {
        await using var node = await NodeHost.StartAsync();
        using var officer = node.Client(Role.PrivacyOfficer);
        var log = node.App.Services.GetRequiredService<IncidentLog>();
        await log.NoteAsync(new Incident(DateTimeOffset.UnixEpoch, "access.decision_not_confirmed", null, "one", "x"), default);
        using var first = await officer.GetAsync("/api/v1/incidents");
        var tag = first.Headers.ETag!;
        Assert.False(tag.IsWeak);
        Assert.True(first.Headers.CacheControl!.NoStore);
        Assert.Equal("application/json; charset=utf-8", first.Content.Headers.ContentType!.ToString());
        using (var same = await GetAsync(officer, tag))
        {
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Empty(await same.Content.ReadAsByteArrayAsync());
            Assert.True(same.Headers.CacheControl!.NoStore);
        }
        await log.NoteAsync(new Incident(DateTimeOffset.UnixEpoch, "access.decision_not_confirmed", null, "two", "x"), default);
        using var changed = await GetAsync(officer, tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual(tag, changed.Headers.ETag);
    }

    [Fact]
    public async Task A_tag_opens_nothing_to_somebody_who_may_not_read_it()
    {
        await using var node = await NodeHost.StartAsync();
        using var officer = node.Client(Role.PrivacyOfficer);
        using var physician = node.Client(Role.Physician);
        using var first = await officer.GetAsync("/api/v1/incidents");
        using var other = await GetAsync(physician, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        using var any = await GetAsync(physician, EntityTagHeaderValue.Any);
        Assert.Equal(HttpStatusCode.Forbidden, any.StatusCode);
    }

    [Fact]
    public async Task What_a_caller_still_holds_is_not_confirmed_once_the_consent_is_revoked()
    {
        await using var scene = await AccessScene.StartAsync();
        var consent = await scene.GrantAsync();
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"));
        await scene.ReadAsync(AccessScene.South, id, records[0]);
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var list = $"/api/v1/patients/{scene.PatientId}/records";
        using var held = await physician.GetAsync(list);
        Assert.Contains(records[0], await held.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using (var same = await GetAsync(physician, held.Headers.ETag!, list))
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        await scene.RevokeAsync(consent);
        using (var after = await GetAsync(physician, held.Headers.ETag!, list))
        {
            Assert.NotEqual(HttpStatusCode.NotModified, after.StatusCode);
            Assert.DoesNotContain(records[0], await after.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        foreach (var tag in (EntityTagHeaderValue[])[held.Headers.ETag!, EntityTagHeaderValue.Any])
        {
            using var content = await GetAsync(physician, tag, $"{AccessScene.Requests}/{id}/records/{records[0]}");
            Assert.Equal(HttpStatusCode.NotFound, content.StatusCode);
        }
    }

    [Fact]
    public async Task A_cursor_that_was_altered_made_up_or_taken_from_another_list_is_refused_by_every_list()
    {
        await using var scene = await AccessScene.StartAsync();
        await scene.GrantAsync();
        await scene.GrantAsync();
        await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"));
        await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"));
        await scene.CaughtUpAsync();
        var log = scene.Node(AccessScene.North).App.Services.GetRequiredService<IncidentLog>();
        foreach (var subject in (string[])["one", "two"])
            await log.NoteAsync(new Incident(DateTimeOffset.UnixEpoch, "access.decision_not_confirmed", null, subject, "x"), default);
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        var cursors = new Dictionary<string, string>();
        foreach (var list in (string[])[$"/api/v1/patients/{scene.PatientId}/consents", $"/api/v1/patients/{scene.PatientId}/access-log", $"/api/v1/patients/{scene.PatientId}/notifications"])
            cursors[list] = (await officer.GetOkAsync($"{list}?limit=1")).GetProperty("next").GetString()!;
        using (var incidents = await officer.GetAsync("/api/v1/incidents?limit=1"))
            cursors["/api/v1/incidents"] = incidents.Headers.GetValues("Link").Single().Split("cursor=")[1].Split('>', '&')[0];
        foreach (var (list, cursor) in cursors)
        {
            using (var right = await officer.GetAsync($"{list}?limit=1&cursor={cursor}"))
                Assert.Equal(HttpStatusCode.OK, right.StatusCode);
            var altered = Enumerable.Range(0, cursor.Length).Where(place => place % 7 == 0).Select(place => cursor[..place] + (cursor[place] == 'A' ? 'B' : 'A') + cursor[(place + 1)..]);
            foreach (var wrong in altered.Concat(cursors.Values.Where(other => other != cursor)).Concat(["", "AAAA", "MQ", "x!", cursor + "A", cursor[..^4]]))
            {
                using var refused = await officer.GetAsync($"{list}?limit=1&cursor={wrong}");
                Assert.True(refused.StatusCode == HttpStatusCode.BadRequest, $"{list} takes {wrong}: {refused.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task Every_list_that_takes_a_cursor_refuses_what_it_did_not_give()
    {
        await using var node = await NodeHost.StartAsync();
        using var anybody = node.Client();
        var lists = (await anybody.GetOkAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.TryGetProperty("get", out var get) && get.TryGetProperty("parameters", out var all)
                && get.TryGetProperty("security", out var security) && security.EnumerateArray().Any(one => one.TryGetProperty("bearer", out _)) // the callers below have tokens
                && all.EnumerateArray().Any(parameter => parameter.GetProperty("name").GetString() == "cursor"))
            .Select(path => path.Name.Replace("{patientId}", NodeHost.PatientId, StringComparison.Ordinal)
                .Replace("{webhookId}", "wh-1", StringComparison.Ordinal)).ToList();
        var seal = node.App.Services.GetRequiredService<CursorSeal>();
        var (another, plain) = (seal.Seal("another list", PageCursor.Of("5", "x")), Base64Url.EncodeToString("5\n\0"u8));
        var callers = Enum.GetValues<Role>().Select(role => node.Client(role)).ToList();
        var walked = 0;
        foreach (var list in lists)
        {
            var readers = new List<HttpClient>(); // none where only a session is let in, or a patient who is registered is asked for: ListPagingTests
            foreach (var caller in callers)
            {
                if (await StatusAsync(caller, list) is HttpStatusCode.OK)
                    readers.Add(caller);
            }
            foreach (var wrong in (string[])[another, plain, "%00"])
            {
                foreach (var reader in readers)
                    Assert.True(await StatusAsync(reader, $"{list}?cursor={wrong}") is HttpStatusCode.BadRequest, $"{list} takes {wrong}");
            }
            walked += readers.Count > 0 ? 1 : 0;
        }
        Assert.True(walked >= 9, $"{walked} of {string.Join(' ', lists)}");
        callers.ForEach(caller => caller.Dispose());

        static async Task<HttpStatusCode> StatusAsync(HttpClient caller, string address)
        {
            using var answer = await caller.GetAsync(address);
            return answer.StatusCode;
        }
    }

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, EntityTagHeaderValue tag, string path = "/api/v1/incidents")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(tag);
        return client.SendAsync(request);
    }
}
