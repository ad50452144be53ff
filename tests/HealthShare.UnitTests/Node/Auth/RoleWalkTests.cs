using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Auth;

/// <summary>At a hospital, where patients sign in, too.</summary>
public sealed class RoleWalkTests(SharedSignInScene shared) : RoleWalk(shared.Scene, 90), IClassFixture<SharedSignInScene>
{
    [Theory]
    [InlineData("patient")]
    [InlineData("delegate")]
    public Task A_patient_and_who_signs_for_one_reach_with_a_session_what_the_table_says_and_nothing_else(string name) => WalkWithSessionAsync(name);
}

/// <summary>At a regulator, whose node treats nobody and takes second signatures.</summary>
public sealed class RegulatorRoleWalkTests(SharedRegulatorScene shared) : RoleWalk(shared.Scene, 60), IClassFixture<SharedRegulatorScene>
{
    [Fact]
    public void The_addresses_are_a_regulators()
    {
        Assert.Contains(Addresses(), address => address.Path.StartsWith("/api/v1/second-keys/co-signatures", StringComparison.Ordinal));
        Assert.DoesNotContain(Addresses(), address => address.Path.StartsWith("/api/v1/access-requests", StringComparison.Ordinal));
    }
}

/// <summary>Every address with every role, by the running application's own list: none can be forgotten.</summary>
public abstract class RoleWalk
{
    private readonly SignInScene scene;
    private readonly int fewest;

    private protected RoleWalk(SignInScene scene, int fewest) => (this.scene, this.fewest) = (scene, fewest);

    [Fact]
    public async Task Every_role_reaches_with_its_token_what_the_table_says_and_nothing_else()
    {
        var wrong = new List<string>();
        foreach (var (method, path, endpoint) in Addresses())
        {
            using var stranger = scene.Node.Client();
            await CheckAsync(wrong, stranger, method, path, endpoint, "nobody", IsOpen(endpoint) ? null : HttpStatusCode.Unauthorized);
            foreach (var role in Enum.GetValues<Role>())
            {
                using var client = scene.Node.Client(role);
                var needed = endpoint.Metadata.GetOrderedMetadata<NeededPermission>();
                // A token is no session, and hears that: its role may call this.
                var session = needed.Any(one => Permissions.TakesSession(one.Permission));
                var may = !session && needed.All(one => Permissions.Allows(one.Permission, role));
                await CheckAsync(wrong, client, method, path, endpoint, role.ToString(), IsOpen(endpoint) || may ? null : HttpStatusCode.Forbidden,
                    session ? "session.required" : "auth.forbidden");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("physician")]
    [InlineData("nurse")]
    [InlineData("pharmacist")]
    [InlineData("registrar")]
    [InlineData("researcher")]
    [InlineData("privacyOfficer")]
    [InlineData("itAdministrator")]
    [InlineData("auditor")]
    public Task Every_member_of_staff_reaches_with_a_session_what_the_table_says_and_nothing_else(string name) => WalkWithSessionAsync(name);

    private protected async Task WalkWithSessionAsync(string name)
    {
        var role = Enum.Parse<Role>(name, ignoreCase: true);
        var wrong = new List<string>();
        var browser = await SignedInAsync(name);
        foreach (var (method, path, endpoint) in Addresses().Where(address => !(address.Method == "DELETE" && address.Path == "/api/v1/session")))
        {
            using var client = scene.Node.Client();
            client.DefaultRequestHeaders.Add("Cookie", $"__Host-healthshare={browser.Cookies["__Host-healthshare"]}");
            client.DefaultRequestHeaders.Add("Origin", SignInScene.Origin);
            var may = endpoint.Metadata.GetOrderedMetadata<NeededPermission>().All(one => Permissions.Allows(one.Permission, role));
            await CheckAsync(wrong, client, method, path, endpoint, name, IsOpen(endpoint) || may ? null : HttpStatusCode.Forbidden);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(HttpStatusCode.NoContent, await browser.DeleteAsync("session"));
    }

    private async Task<TestBrowser> SignedInAsync(string role)
    {
        if (role is not ("patient" or "delegate"))
            return (await scene.SignedInAsync(role)).Browser;
        if (role == "patient")
            return (await scene.PatientAsync("walk-1")).Browser;
        var browser = scene.Browser();
        using var registrar = scene.Node.Client(Role.Registrar);
        var made = await registrar.PostAsync(SignInScene.Api + "invitations", new System.Text.Json.Nodes.JsonObject
        {
            ["role"] = "delegate", ["displayName"] = "Otto", ["patientId"] = await scene.RegisterAsync("walk-2"), ["delegateId"] = "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa",
        }, HttpStatusCode.Created);
        var session = await SignInScene.EnrolAsync(browser, new Uri(made.GetProperty("link").GetString()!).Fragment[1..], scene.Passkey());
        Assert.Equal("delegate", session.GetProperty("role").GetString());
        return browser;
    }

    private static async Task CheckAsync(
        List<string> wrong, HttpClient client, string method, string path, RouteEndpoint endpoint, string who, HttpStatusCode? expected,
        string code = "auth.forbidden")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT")
        {
            request.Content = new ByteArrayContent("{}"u8.ToArray());
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(
                endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IAcceptsMetadata>()?.ContentTypes[0] ?? "application/json");
        }
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        // What one may call can still refuse what is asked; only the sign-in's own refusals count here.
        var said = answer.StatusCode is HttpStatusCode.Forbidden ? await CodeAsync(answer) : null;
        var refused = answer.StatusCode is HttpStatusCode.Unauthorized || said is "auth.forbidden" or "session.required";
        var isRight = expected is null ? !refused || IsOpen(endpoint) : answer.StatusCode == expected && refused && (said is null || said == code);
        if (!isRight)
            wrong.Add($"{who}: {method} {path} answered {(int)answer.StatusCode}, expected {(expected is { } status ? (int)status : "an answer")}");
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("code").GetString();
    }

    private protected List<(string Method, string Path, RouteEndpoint Endpoint)> Addresses()
    {
        var addresses = scene.Node.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (method, PathOf(endpoint), endpoint))).ToList();
        Assert.True(addresses.Count > fewest, $"{addresses.Count} addresses");
        return addresses;
    }

    private static string PathOf(RouteEndpoint endpoint)
    {
        var path = new StringBuilder();
        foreach (var segment in endpoint.RoutePattern.PathSegments)
            path.Append('/').AppendJoin("", segment.Parts.Select(part => part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "x"));
        return path.ToString();
    }

    private static bool IsOpen(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
}
