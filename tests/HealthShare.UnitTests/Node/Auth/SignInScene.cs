using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Ledger;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Auth;

/// <summary>A hospital's node on a channel in memory, whose pages are at an https origin, with a clock that the test moves.</summary>
internal sealed class SignInScene : IAsyncDisposable
{
    public const string Origin = "https://north.example", RpId = "north.example", Api = "/api/v1/";
    private readonly List<IDisposable> mine = [];

    private SignInScene(MemoryChannel channel, GatedLedger ledger, NodeHost node, MovedClock clock) =>
        (Channel, Ledger, Node, Clock) = (channel, ledger, node, clock);

    public MemoryChannel Channel { get; }

    /// <summary>The node's way to the channel.</summary>
    public GatedLedger Ledger { get; }

    public NodeHost Node { get; }

    public MovedClock Clock { get; }

    public static async Task<SignInScene> StartAsync(params (string Setting, string Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["HealthShare:SignIn:Origin"] = Origin, ["HealthShare:SignIn:AttemptsPerMinute"] = "10000" };
        foreach (var (setting, value) in settings)
            all[setting] = value;
        var (channel, clock) = (new MemoryChannel(), new MovedClock());
        var ledger = new GatedLedger(channel.As("NorthMSP"));
        var node = await NodeHost.StartAsync(all, services =>
        {
            services.AddSingleton<ILedger>(ledger);
            services.AddSingleton<TimeProvider>(clock);
        });
        await channel.InitAsync(("NorthMSP", node), ("SouthMSP", node));
        return new SignInScene(channel, ledger, node, clock);
    }

    /// <summary>A browser on this node's pages, without a session.</summary>
    public TestBrowser Browser()
    {
        var browser = new TestBrowser(Node.Client());
        mine.Add(browser);
        return browser;
    }

    public SoftwareAuthenticator Passkey(string rpId = RpId, string origin = Origin)
    {
        var passkey = SoftwareAuthenticator.Create(rpId, origin);
        mine.Add(passkey);
        return passkey;
    }

    /// <summary>A link's token, made by the caller whose role may.</summary>
    public async Task<string> InviteAsync(JsonObject person)
    {
        using var client = Node.Client(person["role"]!.GetValue<string>() is "patient" or "delegate" ? Role.Registrar : Role.ItAdministrator);
        var made = await client.PostAsync(Api + "invitations", person, HttpStatusCode.Created);
        var link = new Uri(made.GetProperty("link").GetString()!);
        Assert.Equal("/enrol", link.AbsolutePath);
        return link.Fragment[1..];
    }

    public Task<string> InviteAsync(string role, string? staffId = null) =>
        InviteAsync(new JsonObject { ["role"] = role, ["displayName"] = "Nora Brandt", ["staffId"] = staffId });

    public Task<string> InvitePatientAsync(string patientId) =>
        InviteAsync(new JsonObject { ["role"] = "patient", ["displayName"] = "Anna Keller", ["patientId"] = patientId });

    public Task<string> InviteDelegateAsync(string patientId, string delegateId) => InviteAsync(new JsonObject
    {
        ["role"] = "delegate", ["displayName"] = "Ole Keller", ["patientId"] = patientId, ["delegateId"] = delegateId,
    });

    /// <summary>Enrols a passkey by a link, which signs in.</summary>
    public static async Task<JsonElement> EnrolAsync(TestBrowser browser, string token, SoftwareAuthenticator passkey)
    {
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK);
        return await browser.PostAsync("enrolments",
            new JsonObject { ["token"] = token, ["credential"] = passkey.Register(begun.GetProperty("options")) }, HttpStatusCode.OK);
    }

    /// <summary>Somebody of this role with a passkey, signed in.</summary>
    public async Task<(TestBrowser Browser, SoftwareAuthenticator Passkey)> SignedInAsync(string role)
    {
        var (browser, passkey) = (Browser(), Passkey());
        await EnrolAsync(browser, await InviteAsync(role), passkey);
        return (browser, passkey);
    }

    /// <summary>A patient of this hospital with a first passkey, signed in.</summary>
    public async Task<(string PatientId, TestBrowser Browser, SoftwareAuthenticator Passkey)> PatientAsync(string number = "4711")
    {
        var patientId = await RegisterAsync(number);
        var (browser, passkey) = (Browser(), Passkey());
        var session = await EnrolAsync(browser, await InvitePatientAsync(patientId), passkey);
        Assert.Equal(patientId, session.GetProperty("patientId").GetString());
        return (patientId, browser, passkey);
    }

    public async Task<string> RegisterAsync(string number)
    {
        using var registrar = Node.Client(Role.Registrar);
        var patient = await registrar.PostAsync(Api + "patients", new JsonObject { ["number"] = number }, HttpStatusCode.Created);
        return patient.GetProperty("patientId").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in mine)
            one.Dispose();
        await Node.DisposeAsync();
    }
}

/// <summary>One for all tests of a class: each brings its own people.</summary>
public sealed class SharedSignInScene : IAsyncLifetime
{
    internal SignInScene Scene { get; private set; } = null!;

    public async Task InitializeAsync() => Scene = await SignInScene.StartAsync();

    public async Task DisposeAsync() => await Scene.DisposeAsync();
}

/// <summary>A regulator's node, one for all tests of a class.</summary>
public sealed class SharedRegulatorScene : IAsyncLifetime
{
    internal SignInScene Scene { get; private set; } = null!;

    public async Task InitializeAsync() => Scene = await SignInScene.StartAsync(("HealthShare:Node:Kind", "Regulator"));

    public async Task DisposeAsync() => await Scene.DisposeAsync();
}

/// <summary>What of a browser matters here: it keeps cookies, whatever the scheme, and says which origin's page asks.</summary>
internal sealed class TestBrowser(HttpClient client) : IDisposable
{
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Cookies as they were set last, with their attributes.</summary>
    public List<string> SetCookies { get; } = [];

    /// <summary>The page's origin; null sends none.</summary>
    public string? Origin { get; set; } = SignInScene.Origin;

    public string? SecFetchSite { get; set; }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, SignInScene.Api + path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        if (Origin is not null && method != HttpMethod.Get)
            request.Headers.Add("Origin", Origin);
        if (SecFetchSite is not null)
            request.Headers.Add("Sec-Fetch-Site", SecFetchSite);
        if (Cookies.Count > 0)
            request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        var answer = await client.SendAsync(request);
        foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var values) ? values : [])
        {
            SetCookies.Add(set);
            var (name, value) = set.Split(';')[0].Split('=', 2) is [var left, var right] ? (left, right) : throw new FormatException(set);
            if (value.Length == 0)
                Cookies.Remove(name);
            else
                Cookies[name] = value;
        }
        return answer;
    }

    public async Task<JsonElement> PostAsync(string path, JsonNode body, HttpStatusCode expected)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, body);
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    public async Task<HttpStatusCode> GetStatusAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        return answer.StatusCode;
    }

    public async Task<JsonElement> GetOkAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    public async Task<HttpStatusCode> DeleteAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Delete, path);
        return answer.StatusCode;
    }

    /// <summary>Posts what must be refused, and returns the stable code.</summary>
    public async Task<string?> RefusedAsync(string path, JsonNode body, HttpStatusCode expected) =>
        (await PostAsync(path, body, expected)).GetProperty("code").GetString();

    /// <summary>Signs in; the answer is what was expected.</summary>
    public async Task<JsonElement> SignInAsync(SoftwareAuthenticator passkey, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var options = await PostAsync("session/options", new JsonObject(), HttpStatusCode.OK);
        return await PostAsync("session", new JsonObject { ["credential"] = passkey.SignIn(options) }, expected);
    }

    public void Dispose() => client.Dispose();
}

/// <summary>The system's clock, put forward.</summary>
internal sealed class MovedClock : TimeProvider
{
    private long forward;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref forward));

    public void Forward(TimeSpan by) => Interlocked.Add(ref forward, by.Ticks);
}
