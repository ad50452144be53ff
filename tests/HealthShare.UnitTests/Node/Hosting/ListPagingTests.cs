using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Problems;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>Every list comes in pages: by the description of the interface, and by asking for each.</summary>
public sealed class ListPagingTests
{
    // One thing each, with parts whose number rules or settings bound; no lists of things.
    private static readonly string[] OneThing =
    [
        "/api/v1/access-requests/{id}", "/api/v1/access-requests/{id}/records/{recordId}/parts", "/api/v1/content/health", "/api/v1/emergency-access/{id}",
        "/api/v1/messages/{id}", "/api/v1/organizations", "/api/v1/patients/{patientId}", "/api/v1/patients/{patientId}/attested-signers/own",
        "/api/v1/patients/{patientId}/consents/confirmations", "/api/v1/patients/{patientId}/consents/explain", "/api/v1/patients/{patientId}/delegates/own", "/api/v1/patients/{patientId}/erasure",
        "/api/v1/second-keys/origins", "/api/v1/second-keys/pages", "/api/v1/webhooks/{webhookId}",
    ];

    [Theory]
    [InlineData("Hospital")]
    [InlineData("Regulator")]
    public async Task Whatever_answers_with_a_list_takes_a_cursor_and_a_limit_and_says_how_large(string kind)
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Node:Kind"] = kind });
        using var client = node.Client();
        var document = await client.GetOkAsync("/openapi/v1.json");
        var lists = 0;
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            if (!path.Value.TryGetProperty("get", out var get) || !HoldsList(document, get) || OneThing.Contains(path.Name))
                continue;
            var parameters = get.TryGetProperty("parameters", out var some) ? some.EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!) : [];
            Assert.True(parameters.ContainsKey("cursor") && parameters.ContainsKey(PageSize.Parameter), $"GET {path.Name} answers with a list and has no pages.");
            Assert.Matches("^Items of a page, 1 to [0-9]+; [0-9]+ unless told[.]$", parameters[PageSize.Parameter].GetProperty("description").GetString());
            lists++;
        }
        Assert.True(lists >= 14, $"{lists} lists");
    }

    [Fact]
    public async Task Every_list_refuses_another_size_than_it_takes_and_a_cursor_that_it_never_gave()
    {
        await using var scene = await AccessScene.StartAsync();
        var (walked, wrong) = (0, new List<string>());
        foreach (var endpoint in scene.Node(AccessScene.North).App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var needed = endpoint.Metadata.GetOrderedMetadata<NeededPermission>().Select(one => one.Permission).ToList();
            if (endpoint.Metadata.GetMetadata<PageSize>() is not { } size || needed.Any(Permissions.TakesSession))
                continue;
            var role = Enum.GetValues<Role>().First(role => role is not (Role.Patient or Role.Delegate) && needed.All(permission => Permissions.Allows(permission, role)));
            using var client = scene.Client(AccessScene.North, role);
            var path = endpoint.RoutePattern.RawText!.TrimEnd('/').Replace("{patientId}", scene.PatientId, StringComparison.Ordinal)
                .Replace("{webhookId}", "wh-1", StringComparison.Ordinal);
            foreach (var (limit, detail) in new[]
            {
                ("0", $"limit is 0; 1 to {size.Most} are accepted."), ($"{size.Most + 1}", $"limit is {size.Most + 1}; 1 to {size.Most} are accepted."),
                ("99999999999", $"limit is not a whole number from 1 to {size.Most}."), ("x", $"limit is not a whole number from 1 to {size.Most}."),
            })
                await CheckAsync(client, $"{path}?limit={limit}", detail);
            if ((await client.GetAsync(path)).StatusCode is HttpStatusCode.OK)
                await CheckAsync(client, $"{path}?cursor={Base64Url.EncodeToString(new byte[40])}", "cursor is not one that an earlier page gave.");
            walked++;
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(walked >= 17, $"{walked} lists");

        async Task CheckAsync(HttpClient client, string address, string detail)
        {
            using var answer = await client.GetAsync(address);
            var said = answer.StatusCode is HttpStatusCode.BadRequest ? (await answer.JsonAsync()).GetProperty("detail").GetString() : null;
            if (said != detail)
                wrong.Add($"{address}: {(int)answer.StatusCode} {said}");
        }
    }

    [Fact]
    public async Task Small_pages_one_after_the_other_are_the_list()
    {
        await using var scene = await AccessScene.StartAsync();
        using var registrar = scene.Client(AccessScene.North, Role.Registrar);
        using var administrator = scene.Client(AccessScene.North, Role.ItAdministrator);
        var patient = $"/api/v1/patients/{scene.PatientId}";
        for (var number = 0; number < 3; number++)
        {
            await administrator.PostAsync("/api/v1/webhooks", new JsonObject { ["url"] = $"https://system.north.example/{number}", ["topics"] = new JsonArray("intake") }, HttpStatusCode.Created);
            await administrator.PostAsync("/api/v1/organizations/proposals", new JsonObject { ["suspend"] = AccessScene.South }, HttpStatusCode.Created);
            using var key = SoftwareAuthenticator.Create("north.example", "https://north.example");
            await administrator.PostAsync("/api/v1/staff-keys", new JsonObject { ["staffId"] = $"sf-{number}", ["role"] = "physician", ["credential"] = key.Credential() }, HttpStatusCode.Created);
            using var friend = SoftwareAuthenticator.Create("south.example", "https://south.example");
            await registrar.PostAsync($"{patient}/delegates", scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, Appointment(friend))), HttpStatusCode.Created);
        }
        foreach (var (client, path, count) in new[]
        {
            (administrator, "/api/v1/webhooks", 3), (administrator, "/api/v1/organizations/proposals", 3), (administrator, "/api/v1/staff-keys", 3),
            (registrar, $"{patient}/delegates", 3), (registrar, $"{patient}/credentials", 1),
        })
        {
            var whole = await PageAsync(client, path);
            Assert.True(whole.Items.Count >= count, $"{path}: {whole.Items.Count}");
            Assert.Null(whole.Next);
            Assert.Equal(whole.Items, await WalkAsync(client, path, 1));
            Assert.Equal(whole.Items, await WalkAsync(client, path, 2));
        }
        // A cursor is one list's alone.
        var other = (await PageAsync(administrator, "/api/v1/webhooks?limit=1")).Next;
        Assert.Equal(HttpStatusCode.BadRequest, (await administrator.GetAsync($"/api/v1/staff-keys?cursor={other}")).StatusCode);
    }

    [Fact]
    public async Task Invitations_come_in_pages_to_whom_may_invite_such_people_and_none_beyond_the_first_page_is_lost()
    {
        await using var scene = await Auth.SignInScene.StartAsync();
        using var administrator = scene.Node.Client(Role.ItAdministrator);
        using var registrar = scene.Node.Client(Role.Registrar);
        const string Path = "/api/v1/invitations";
        await scene.InvitePatientAsync(await scene.RegisterAsync("paged"));
        for (var number = 0; number < 5; number++)
            await scene.InviteAsync("nurse");
        var staff = await WalkAsync(administrator, Path, 2);
        Assert.Equal(5, staff.Count);
        Assert.Equal((await PageAsync(administrator, Path)).Items, staff);
        Assert.All(staff, one => Assert.Contains("nurse", one, StringComparison.Ordinal));
        Assert.Contains("patient", Assert.Single(await WalkAsync(registrar, Path, 2)), StringComparison.Ordinal);
        // The oldest can be withdrawn, however many are newer.
        using var oldest = JsonDocument.Parse(staff[^1]);
        Assert.Equal(HttpStatusCode.NoContent, (await administrator.DeleteAsync($"{Path}/{oldest.RootElement.GetProperty("id").GetString()}")).StatusCode);
        Assert.Equal(staff[..^1], await WalkAsync(administrator, Path, 3));
        // One's cursor is not another role's.
        var cursor = (await PageAsync(administrator, $"{Path}?limit=1")).Next;
        Assert.Equal(HttpStatusCode.BadRequest, (await registrar.GetAsync($"{Path}?cursor={cursor}")).StatusCode);
    }

    private static AppointDelegateBody Appointment(SoftwareAuthenticator friend)
    {
        var ahead = DateTimeOffset.UtcNow.AddMonths(6);
        return new AppointDelegateBody(LedgerId.New(IdKind.Delegate),
            [new AddCredentialBody(friend.CredentialId, Base64Url.EncodeToString(friend.CoseKey.Span), friend.RpId, [friend.Origin])],
            new DelegateScope(DelegateActs.Permit), new DateTimeOffset(ahead.Year, ahead.Month, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static async Task<List<string>> WalkAsync(HttpClient client, string path, int limit)
    {
        var (all, cursor) = (new List<string>(), "");
        while (true)
        {
            var (items, next) = await PageAsync(client, $"{path}?limit={limit.ToString(CultureInfo.InvariantCulture)}{cursor}");
            Assert.InRange(items.Count, 0, limit);
            all.AddRange(items);
            if (next is null)
                return all;
            Assert.Equal(limit, items.Count);
            cursor = $"&cursor={next}";
        }
    }

    // The list of an answer is its one array.
    private static async Task<(List<string> Items, string? Next)> PageAsync(HttpClient client, string address)
    {
        var page = await client.GetOkAsync(address);
        return ([.. page.EnumerateObject().Single(member => member.Value.ValueKind is JsonValueKind.Array).Value.EnumerateArray().Select(item => item.GetRawText())],
            page.TryGetProperty("next", out var next) ? next.GetString() : null);
    }

    private static bool HoldsList(JsonElement document, JsonElement operation) =>
        operation.GetProperty("responses").TryGetProperty("200", out var answer) && answer.TryGetProperty("content", out var content)
        && content.EnumerateObject().Any(type => type.Value.TryGetProperty("schema", out var schema) && HoldsArray(document, schema));

    private static bool HoldsArray(JsonElement document, JsonElement schema)
    {
        var known = schema;
        while (known.TryGetProperty("$ref", out var reference))
            known = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
        return IsArray(known) || (known.TryGetProperty("properties", out var members) && members.EnumerateObject().Any(member => IsArray(member.Value)));
    }

    private static bool IsArray(JsonElement schema) => schema.TryGetProperty("type", out var type)
        && (type.ValueKind is JsonValueKind.Array ? type.EnumerateArray().Any(one => one.GetString() == "array") : type.GetString() == "array");
}
