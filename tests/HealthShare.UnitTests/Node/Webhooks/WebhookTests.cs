using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Webhooks;
using HealthShare.UnitTests.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;
using static HealthShare.UnitTests.Node.Webhooks.WebhookCalls;

namespace HealthShare.UnitTests.Node.Webhooks;

/// <summary>What the hospital's systems are told, how it is signed, where it may go, and who makes and sees webhooks.</summary>
public sealed class WebhookTests
{
    private readonly MovedClock clock = new();

    [Fact]
    public async Task An_event_is_delivered_signed_and_holds_ids_and_kinds_alone()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (_, secret) = await MakeAsync(client, receiver.Url, "notification", "incident");
        await TellAsync(node, new NodeEvent(EventTopic.Notification, "emergency", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-1", Members = ["SouthMSP"], Code = "unconscious" });
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-2" });
        await NoteAsync(node, "one");

        var taken = await receiver.TakenAsync(2);
        Assert.Equal(["notification.emergency", "incident.incidentNoted"], taken.Select(one => WebhookReceiver.TypeOf(one.Body)));
        Assert.All(taken, one => Assert.True(WebhookReceiver.IsSigned(one, secret)));
        Assert.False(WebhookReceiver.IsSigned(taken[0] with { Body = taken[0].Body + " " }, secret));
        Assert.Equal(2, taken.Select(one => one.Headers["webhook-id"].ToString()).Distinct().Count());
        Assert.InRange(long.Parse(taken[0].Headers["webhook-timestamp"]!, CultureInfo.InvariantCulture), clock.GetUtcNow().ToUnixTimeSeconds() - 60, clock.GetUtcNow().ToUnixTimeSeconds());
        using var json = JsonDocument.Parse(taken[0].Body);
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", json.RootElement.GetProperty("timestamp").GetString());
        Assert.Equal(["members", "patientId", "subject"], json.RootElement.GetProperty("data").EnumerateObject().Select(member => member.Name).Order());
        Assert.DoesNotContain("unconscious", taken[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliveries_can_be_tested_listed_by_pages_and_replayed_and_a_deleted_webhook_is_told_nothing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (id, secret) = await MakeAsync(client, receiver.Url, "incident");
        for (var number = 0; number < 4; number++)
            await NoteAsync(node, $"{number}");
        using (var tested = await client.PostAsync($"{Api}/{id}/test", null))
            Assert.Equal(HttpStatusCode.Accepted, tested.StatusCode);
        var taken = await receiver.TakenAsync(5);
        Assert.Contains("test", taken.Select(one => WebhookReceiver.TypeOf(one.Body)));
        Assert.All(taken, one => Assert.True(WebhookReceiver.IsSigned(one, secret)));

        var (ids, cursor) = (new List<string>(), "");
        do
        {
            var page = await client.GetOkAsync($"{Api}/{id}/deliveries?limit=2{cursor}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? $"&cursor={next.GetString()}" : "";
        }
        while (cursor.Length > 0);
        Assert.Equal(taken.Select(one => one.Headers["webhook-id"].ToString()).Order(), ids.Order());
        await DeliveredAsync(client, id); // the receiver knows of a delivery before the node has noted it

        using (var again = await client.PostAsync($"{Api}/{id}/deliveries/{ids[0]}/replay", null))
            Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(ids[0], (await receiver.TakenAsync(6))[^1].Headers["webhook-id"]);
        await DeliveredAsync(client, id);
        var all = await client.PostAsync($"{Api}/{id}/replay", new JsonObject { ["since"] = "2000-01-01T00:00:00Z" }, HttpStatusCode.Accepted);
        Assert.Equal(5, all.GetProperty("deliveries").GetInt64());
        await receiver.TakenAsync(11);

        using (var deleted = await client.DeleteAsync($"{Api}/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await NoteAsync(node, "after");
        await node.App.Services.GetRequiredService<WebhookWorker>().RunOnceAsync(default);
        Assert.Equal(11, receiver.Taken.Count);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/test"), (HttpMethod.Post, "/enable"),
            (HttpMethod.Get, "/deliveries"), (HttpMethod.Post, $"/deliveries/{ids[0]}/replay")])
        {
            using var gone = await client.SendAsync(new HttpRequestMessage(method, $"{Api}/{id}{path}"));
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        }
    }

    [Fact]
    public async Task The_secret_is_shown_once_and_lies_wrapped()
    {
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (id, secret) = await MakeAsync(client, "https://system.north.example/hook", "incident");
        Assert.Equal(32, Convert.FromBase64String(secret["whsec_".Length..]).Length);
        foreach (var path in (string[])["", $"/{id}", $"/{id}/deliveries"])
            Assert.DoesNotContain(secret[10..], (await client.GetOkAsync(Api + path)).GetRawText(), StringComparison.Ordinal);
        await using var connection = await node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        var wrapped = await Dapper.SqlMapper.ExecuteScalarAsync<byte[]>(connection, "SELECT wrapped FROM secret WHERE purpose = 'webhook'");
        Assert.Equal(-1, wrapped!.AsSpan().IndexOf(Convert.FromBase64String(secret["whsec_".Length..])));
    }

    [Fact]
    public async Task Another_secret_signs_what_comes_and_loses_nothing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (id, first) = await MakeAsync(client, receiver.Url, "decision");
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-1" });
        Assert.True(WebhookReceiver.IsSigned((await receiver.TakenAsync(1))[0], first));
        var renewed = await client.PostAsync($"{Api}/{id}/secret", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal(id, renewed.GetProperty("webhook").GetProperty("id").GetString());
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-2" });
        var taken = (await receiver.TakenAsync(2))[1];
        Assert.False(WebhookReceiver.IsSigned(taken, first));
        Assert.True(WebhookReceiver.IsSigned(taken, renewed.GetProperty("secret").GetString()!));
        Assert.Contains((await client.GetOkAsync("/api/v1/incidents")).EnumerateArray(), one => one.GetProperty("code").GetString() == "webhook.secret_renewed");
        using var administrator = node.Client(Role.ItAdministrator); // may not read what it tells of, so may not speak in its name
        Assert.Equal("webhook.topic_forbidden", await administrator.RefusedAsync($"{Api}/{id}/secret", new JsonObject(), HttpStatusCode.Forbidden));
        using var none = await client.PostAsync($"{Api}/wh-none/secret", null);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Nobody_hears_by_a_webhook_what_the_role_may_not_read_and_who_made_and_deleted_one_stays_known()
    {
        await using var node = await StartAsync();
        using var administrator = node.Client(Role.ItAdministrator);
        using var officer = node.Client(Role.PrivacyOfficer);
        foreach (var topic in (string[])["notification", "decision", "revocation", "incident"])
            Assert.Equal("webhook.topic_forbidden", await administrator.RefusedAsync(Api, Wanted("https://system.north.example/hook", "intake", topic), HttpStatusCode.Forbidden));
        var (id, _) = await MakeAsync(administrator, "https://system.north.example/hook", "intake");
        using (var deleted = await administrator.DeleteAsync($"{Api}/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        var noted = (await officer.GetOkAsync("/api/v1/incidents")).EnumerateArray().Where(one => one.GetProperty("subject").GetString() == id).ToList();
        Assert.Equal(["webhook.created", "webhook.deleted"], noted.Select(one => one.GetProperty("code").GetString()).Order(StringComparer.Ordinal));
        Assert.Contains("https://system.north.example/hook", noted.Single(one => one.GetProperty("code").GetString() == "webhook.created").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_does_not_open_stops_its_own_webhook_alone()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (broken, _) = await MakeAsync(client, receiver.Url, "decision");
        var (_, secret) = await MakeAsync(client, receiver.Url, "decision");
        await node.App.Services.GetRequiredService<IDatabase>().WriteAsync(transaction => Dapper.SqlMapper.ExecuteAsync(transaction.Connection!,
            "UPDATE secret SET wrapped = @wrapped WHERE purpose = 'webhook' AND id = @broken", new { broken, wrapped = new byte[60] }, transaction), default);
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-2" });
        Assert.True(WebhookReceiver.IsSigned(Assert.Single(await receiver.TakenAsync(1)), secret));
        await OutcomeAsync(client, broken, "secretUnreadable");
        Assert.Single(receiver.Taken);
    }

    [Theory]
    [InlineData("http://system.north.example/hook")]
    [InlineData("ftp://system.north.example/hook")]
    [InlineData("https://user:password@system.north.example/hook")]
    [InlineData("https://system.north.example/hook#part")]
    [InlineData("https://10.0.0.1/hook")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://[::1]/hook")]
    [InlineData("https://[fe80::1]/hook")]
    [InlineData("https://[::ffff:10.0.0.1]/hook")]
    [InlineData("https://2130706433/hook")]
    [InlineData("https://0x7f.1/hook")]
    [InlineData("hook")]
    [InlineData("")]
    public async Task An_address_that_leads_into_the_house_or_is_not_https_is_refused(string url)
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        Assert.Equal("request.invalid", await client.RefusedAsync(Api, Wanted(url, "incident"), HttpStatusCode.BadRequest));
        Assert.Empty((await client.GetOkAsync(Api)).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("https://localhost/hook")]
    [InlineData("http://localhost:5000/hook")]
    [InlineData("https://localhost./hook")]
    [InlineData("https://system.localhost/hook")]
    [InlineData("https://127.0.0.1/hook")]
    [InlineData("http://127.8.8.8/hook")]
    [InlineData("http://[::1]:5000/hook")]
    public async Task An_address_of_this_machine_is_refused_when_it_is_typed_and_the_setting_is_named(string url)
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var problem = await client.PostAsync(Api, Wanted(url, "incident"), HttpStatusCode.BadRequest);
        Assert.Equal("url leads to this machine itself, where webhooks go only with HealthShare:Webhooks:AllowLoopback.", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task With_the_setting_a_receiver_on_this_machine_can_be_tried_and_nothing_else_of_the_house(string host)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Webhooks:AllowLoopback"] = "true" });
        using var client = node.Client(Role.PrivacyOfficer);
        var (id, secret) = await MakeAsync(client, receiver.Url.Replace("127.0.0.1", host, StringComparison.Ordinal), "incident");
        using (var tested = await client.PostAsync($"{Api}/{id}/test", null))
            Assert.Equal(HttpStatusCode.Accepted, tested.StatusCode);
        var taken = Assert.Single(await receiver.TakenAsync(1));
        Assert.Equal("test", WebhookReceiver.TypeOf(taken.Body));
        Assert.True(WebhookReceiver.IsSigned(taken, secret));
        Assert.False(WebhookReceiver.IsSigned(taken with { Body = taken.Body + " " }, secret));
        await OutcomeAsync(client, id, "204");
        foreach (var url in new[] { "https://10.0.0.1/hook", "http://10.0.0.1/hook", "http://system.north.example/hook" })
            Assert.Equal("request.invalid", await client.RefusedAsync(Api, Wanted(url, "incident"), HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_name_that_leads_into_the_house_is_not_connected_to_whatever_it_led_to_before()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await NodeHost.StartAsync();
        var sender = node.App.Services.GetRequiredService<WebhookSender>();
        var table = node.App.Services.GetRequiredService<WebhookTable>();
        var made = await table.AddAsync("wh-1", new NewWebhook("https://system.north.example/hook", ["incident"]), Officer, 20, default);
        var port = new Uri(receiver.Url).Port;
        foreach (var address in (string[])["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "fd00::1", "64:ff9b::7f00:1"])
        {
            sender.LookUp = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]);
            Assert.Equal("addressRefused", (await sender.SendAsync(made!.Webhook.Id, $"https://system.north.example:{port}/hook", "msg_1", "{}", default)).Outcome);
            Assert.Equal("addressRefused", (await sender.SendAsync(made.Webhook.Id, $"http://localhost:{port}/hook", "msg_1", "{}", default)).Outcome);
        }
        Assert.Empty(receiver.Taken);
    }

    [Fact]
    public async Task Wrong_webhooks_are_refused_and_their_number_is_bounded()
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Webhooks:Most"] = "1" });
        using var client = node.Client(Role.PrivacyOfficer);
        const string Url = "https://system.north.example/hook";
        foreach (var wrong in (JsonObject[])[Wanted(Url), Wanted(Url, "accessRequest"), Wanted(Url, "everything"), Wanted(Url, "Incident"),
            new JsonObject { ["url"] = Url, ["topics"] = new JsonArray("incident"), ["description"] = new string('x', 201) },
            new JsonObject { ["url"] = Url, ["topics"] = new JsonArray("incident"), ["secret"] = "mine" }, new JsonObject { ["url"] = Url }])
            Assert.Equal("request.invalid", await client.RefusedAsync(Api, wrong, HttpStatusCode.BadRequest));
        await MakeAsync(client, Url, "incident");
        Assert.Equal("webhook.too_many", await client.RefusedAsync(Api, Wanted(Url, "incident"), HttpStatusCode.Conflict));
    }

    private Task<NodeHost> StartAsync() => WebhookCalls.StartAsync(clock);

    private Task NoteAsync(NodeHost node, string subject) => WebhookCalls.NoteAsync(node, clock, subject);
}
