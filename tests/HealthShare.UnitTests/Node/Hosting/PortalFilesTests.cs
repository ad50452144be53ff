using System.Net;
using HealthShare.Node.Hosting;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Hosting;

public sealed class PortalFilesTests(PortalScene scene) : IClassFixture<PortalScene>
{
    private readonly NodeHost node = scene.Node;

    [Theory]
    [InlineData("/")]
    [InlineData("/enrol")]
    [InlineData("/second-key?x=1")]
    [InlineData("/patients/pt-x/consents")]
    public async Task The_page_answers_for_every_address_of_the_portal_with_a_strict_policy(string path)
    {
        using var client = node.Client();
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("portal", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
        Assert.Equal(path.StartsWith("/second-key", StringComparison.Ordinal) ? "unsafe-none" : "same-origin-allow-popups",
            answer.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
    }

    [Fact]
    public void A_folder_without_the_page_is_no_portal()
    {
        Assert.True(new PortalOptions { Folder = Path.Combine(scene.Folder, "portal") }.HasPage());
        Assert.False(new PortalOptions { Folder = scene.Folder }.HasPage());
    }

    [Fact]
    public async Task Assets_with_a_hash_in_their_name_are_kept_for_ever_and_sent_compressed()
    {
        using var client = node.Client();
        client.DefaultRequestHeaders.Add("Accept-Encoding", "br");
        using var answer = await client.GetAsync("/assets/index-abc.js");
        Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", answer.Headers.GetValues("Cache-Control")).Replace("immutable, public, max-age=31536000", "public, max-age=31536000, immutable", StringComparison.Ordinal));
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["br"], answer.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("/api/v1/nothing", HttpStatusCode.Unauthorized)]
    [InlineData("/API/v1/nothing", HttpStatusCode.Unauthorized)]
    [InlineData("/missing.js", HttpStatusCode.NotFound)]
    [InlineData("/../secret.txt", HttpStatusCode.NotFound)]
    [InlineData("/..%2fsecret.txt", HttpStatusCode.NotFound)]
    [InlineData("/assets/%2e%2e/%2e%2e/secret.txt", HttpStatusCode.NotFound)]
    [InlineData("/health/live", HttpStatusCode.OK)]
    [InlineData("/openapi/v1.json", HttpStatusCode.OK)]
    public async Task Nothing_else_is_the_portals(string path, HttpStatusCode expected)
    {
        using var client = node.Client();
        using var answer = await client.GetAsync(path);
        Assert.Equal(expected, answer.StatusCode);
        Assert.NotEqual("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task Without_a_portals_files_the_node_serves_its_api_alone()
    {
        await using var bare = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Portal:Folder"] = scene.Folder + "-none" });
        using var client = bare.Client();
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/")).StatusCode);
    }

}

/// <summary>A node with a portal of two files, and a file beside them that is none of it.</summary>
public sealed class PortalScene : IAsyncLifetime
{
    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "hs-portal-" + Guid.NewGuid().ToString("n"));

    internal NodeHost Node { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "portal", "assets"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "portal", "index.html"), "<!doctype html><title>portal</title>");
        await File.WriteAllTextAsync(Path.Combine(Folder, "portal", "assets", "index-abc.js"), new string('/', 5000));
        await File.WriteAllTextAsync(Path.Combine(Folder, "secret.txt"), "secret");
        Node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Portal:Folder"] = Path.Combine(Folder, "portal") });
    }

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
