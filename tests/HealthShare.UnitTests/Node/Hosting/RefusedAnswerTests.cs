using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>A refusal is the same problem for whoever asks, whatever answers the request says it can read.</summary>
public sealed class RefusedAnswerTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> errors = [];
    private NodeHost node = null!;

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/html")]
    [InlineData("application/pdf")]
    [InlineData("application/hl7-v2")]
    [InlineData("application/json;q=0")]
    [InlineData("no type at all")]
    public async Task Each_refusal_is_a_problem_whatever_the_request_accepts(string accepted)
    {
        using var stranger = node.Client();
        await RefusedAsync(stranger, HttpStatusCode.Unauthorized, "auth.unauthenticated", HttpMethod.Get, "/api/v1/events", accepted);
        using var guessing = node.Client();
        guessing.DefaultRequestHeaders.Authorization = new("Bearer", "guess");
        await RefusedAsync(guessing, HttpStatusCode.Unauthorized, "auth.unauthenticated", HttpMethod.Post, "/api/v1/messages", accepted);
        using var physician = node.Client(Role.Physician);
        await RefusedAsync(physician, HttpStatusCode.Forbidden, "auth.forbidden", HttpMethod.Post, "/api/v1/messages", accepted);
        await RefusedAsync(physician, HttpStatusCode.NotFound, "request.no_such_address", HttpMethod.Get, "/api/v1/nothing", accepted);
        await RefusedAsync(physician, HttpStatusCode.NotFound, "request.no_such_address", HttpMethod.Get, "/openapi/v2.json", accepted);
        await RefusedAsync(physician, HttpStatusCode.NotFound, "access.not_available", HttpMethod.Get, $"/api/v1/patients/{NodeHost.PatientId}", accepted);
        await RefusedAsync(physician, HttpStatusCode.MethodNotAllowed, "request.method_not_allowed", HttpMethod.Delete, "/api/v1/events", accepted);
        using var administrator = node.Client(Role.ItAdministrator);
        await RefusedAsync(administrator, HttpStatusCode.BadRequest, "request.invalid", HttpMethod.Get, "/api/v1/messages?limit=x", accepted);
        await RefusedAsync(physician, HttpStatusCode.BadRequest, "request.invalid", HttpMethod.Get, "/api/v1/events", accepted, ("Last-Event-ID", "x"));
        await RefusedAsync(administrator, HttpStatusCode.BadRequest, "request.invalid", HttpMethod.Get, "/api/v1/messages?cursor=x", accepted);
        Assert.Empty(errors); // or anybody could fill the log
    }

    private static async Task RefusedAsync(HttpClient client, HttpStatusCode status, string code, HttpMethod method, string path, string accepted,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
            request.Content = new StringContent("MSH|", Encoding.UTF8, "application/hl7-v2");
        request.Headers.TryAddWithoutValidation("Accept", accepted);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{method} {path}: {(int)answer.StatusCode} {body}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(body)!;
        Assert.Equal((code, (int)status), (problem["code"]!.GetValue<string>(), problem["status"]!.GetValue<int>()));
        Assert.NotEmpty(problem["title"]!.GetValue<string>());
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), problem["requestId"]!.GetValue<string>());
        foreach (var header in (string[])["X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy"])
            Assert.True(answer.Headers.Contains(header), $"{method} {path}: no {header}");
        Assert.True(answer.Headers.CacheControl!.NoStore);
        if (status is HttpStatusCode.Unauthorized)
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    public async Task InitializeAsync() => node = await NodeHost.StartAsync(customize: services => services.AddSingleton<ILoggerProvider>(_ => new ErrorLog(errors)));

    public async Task DisposeAsync() => await node.DisposeAsync();

    // What a node writes as an error.
    private sealed class ErrorLog(ConcurrentQueue<string> entries) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                entries.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
