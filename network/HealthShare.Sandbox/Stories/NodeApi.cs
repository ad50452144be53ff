using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Sandbox.Stories;

/// <summary>A node's REST API as one person uses it.</summary>
internal sealed class NodeApi : IDisposable
{
    private readonly HttpClient http;

    public NodeApi(SignIn signIn)
    {
        SignIn = signIn;
        http = new HttpClient { BaseAddress = new Uri(signIn.Url, "/api/v1/"), Timeout = TimeSpan.FromSeconds(60) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", signIn.Token);
    }

    public SignIn SignIn { get; }

    public Task<Answer> GetAsync(string path, CancellationToken ct) => SendAsync(HttpMethod.Get, path, null, ct);

    public Task<Answer> PostAsync(string path, JsonNode body, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, path, new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"), ct);

    public Task<Answer> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, path, new StringContent(JsonSerializer.Serialize(body, type), Encoding.UTF8, "application/json"), ct);

    /// <summary>The patient with a number of this hospital, enrolled where nobody has done so yet.</summary>
    public Task<JsonNode> PatientOfAsync(string number, CancellationToken ct) => StoryTeller.WaitForAsync("the patient's enrolment", async () =>
    {
        var body = new JsonObject { ["number"] = number, ["authority"] = Samples.PatientNumberAuthority };
        // 503: enrolled, and the node's own copy of the channel is a moment behind.
        var answer = (await PostAsync("patients", body, ct)).Expect(HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.ServiceUnavailable);
        return answer.Status is HttpStatusCode.ServiceUnavailable ? null : answer.Json;
    }, ct);

    public void Dispose() => http.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await http.SendAsync(request, ct);
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsByteArrayAsync(ct));
    }
}

/// <summary>What a node answered.</summary>
internal sealed record Answer(HttpStatusCode Status, string? MediaType, byte[] Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Body) ?? throw new StoryException("the node answered with an empty document");

    /// <summary>Fails the step unless the status is one of the expected ones.</summary>
    public Answer Expect(params IReadOnlyList<HttpStatusCode> expected) => expected.Contains(Status)
        ? this
        : throw new StoryException($"the node answered {(int)Status}, expected {string.Join(" or ", expected.Select(code => (int)code))}: {Encoding.UTF8.GetString(Body)}");
}

/// <summary>A step of the story is not as it should be.</summary>
internal sealed class StoryException(string message) : Exception(message);
