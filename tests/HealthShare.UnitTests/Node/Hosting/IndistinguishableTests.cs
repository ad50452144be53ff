using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Hosting;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>What exists and is not the caller's answers as what does not exist: by the application's own list of addresses, so none is forgotten.</summary>
public sealed class IndistinguishableTests
{
    [Fact]
    public async Task Another_patients_data_answer_in_status_head_and_body_as_those_of_nobody()
    {
        await using var scene = await AccessScene.StartAsync();
        var granted = await scene.GrantAsync();
        var there = new Dictionary<string, string>
        {
            ["patientId"] = scene.PatientId, ["statementId"] = granted, ["id"] = granted, ["recordId"] = scene.Glucose, ["credentialId"] = scene.Passkey.CredentialId,
        };
        var compared = 0;
        foreach (var role in (Role[])[Role.Patient, Role.Delegate])
        {
            using var client = scene.Client(AccessScene.North, role);
            foreach (var (method, endpoint) in Addresses(scene.Node(AccessScene.North), role).Where(one => one.Endpoint.RoutePattern.GetParameter("patientId") is not null))
            {
                var absent = there.ToDictionary(one => one.Key, one => one.Key switch
                {
                    "patientId" => LedgerId.New(IdKind.Patient), "recordId" => LedgerId.New(IdKind.Record), "credentialId" => one.Value, _ => LedgerId.New(IdKind.Statement),
                });
                await CompareAsync(scene.Node(AccessScene.North), client, method, endpoint, there, absent);
                compared++;
            }
        }
        Assert.True(compared > 25, $"Only {compared} addresses were compared.");
    }

    [Fact]
    public async Task Another_persons_request_answers_as_one_that_nobody_made()
    {
        await using var scene = await AccessScene.StartAsync();
        await scene.GrantAsync();
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"));
        Assert.Equal([scene.Glucose], records);
        var compared = 0;
        using var nurse = scene.Client(AccessScene.South, Role.Nurse);
        foreach (var (method, endpoint) in Addresses(scene.Node(AccessScene.South), Role.Nurse)
            .Where(one => one.Endpoint.RoutePattern.RawText!.StartsWith(AccessScene.Requests + "/{id}", StringComparison.Ordinal)))
        {
            var there = new Dictionary<string, string> { ["id"] = id, ["recordId"] = scene.Glucose };
            await CompareAsync(scene.Node(AccessScene.South), nurse, method, endpoint, there, new() { ["id"] = LedgerId.New(IdKind.Access), ["recordId"] = LedgerId.New(IdKind.Record) });
            compared++;
        }
        Assert.True(compared >= 3);
        // A record that one's own request did not permit answers as one that there is not.
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        Assert.Equal(await AnswerAsync(physician, HttpMethod.Get, $"{AccessScene.Requests}/{id}/records/{scene.Hiv}", null, [scene.Hiv]),
            await AnswerAsync(physician, HttpMethod.Get, $"{AccessScene.Requests}/{id}/records/{AbsentRecord}", null, [AbsentRecord]));
    }

    private static string AbsentRecord { get; } = LedgerId.New(IdKind.Record);

    private static IEnumerable<(string Method, RouteEndpoint Endpoint)> Addresses(NodeHost node, Role role) =>
        node.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetOrderedMetadata<NeededPermission>() is { Count: > 0 } needed && needed.All(one => Permissions.Allows(one.Permission, role)))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (method, endpoint)));

    private static async Task CompareAsync(
        NodeHost node, HttpClient client, string method, RouteEndpoint endpoint, Dictionary<string, string> there, Dictionary<string, string> absent)
    {
        var (one, other) = (await AnswerAsync(client, new HttpMethod(method), PathOf(endpoint, there), BodyOf(node, endpoint), there.Values),
            await AnswerAsync(client, new HttpMethod(method), PathOf(endpoint, absent), BodyOf(node, endpoint), absent.Values));
        Assert.True(one == other, $"{method} {endpoint.RoutePattern.RawText}\n{one}\n{other}");
        Assert.False(one.StartsWith('2'), $"{method} {endpoint.RoutePattern.RawText} gives another's data: {one}");
    }

    private static string PathOf(RouteEndpoint endpoint, Dictionary<string, string> ids) => endpoint.RoutePattern.PathSegments.Aggregate(new StringBuilder(), (path, segment) =>
        path.Append('/').AppendJoin("", segment.Parts.Select(part => part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content
            : ids.GetValueOrDefault(((Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart)part).Name, "x")))).ToString();

    // A body that can be bound, so that what is asked about is what decides.
    private static string? BodyOf(NodeHost node, RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type
        ? new Examples(node.App.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions).Of(type)!.ToJsonString()
        : null;

    /// <summary>Status, head and body, without what is another's at each call: the ids that were asked for, the request's own, the time.</summary>
    private static async Task<string> AnswerAsync(HttpClient client, HttpMethod method, string path, string? body, IEnumerable<string> ids)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var problem = JsonNode.Parse(text)!.AsObject();
            problem.Remove("requestId");
            text = problem.ToJsonString();
        }
        foreach (var id in ids)
            text = text.Replace(id, "ID", StringComparison.Ordinal);
        var head = answer.Headers.Concat(answer.Content.Headers).Where(one => !string.Equals(one.Key, "X-Request-ID", StringComparison.OrdinalIgnoreCase) && one.Key is not ("Date" or "Content-Length")).OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => $"{one.Key}: {string.Join(',', one.Value)}");
        return $"{(int)answer.StatusCode} {text}\n{string.Join('\n', head)}";
    }
}
