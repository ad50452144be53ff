using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Auth;

public sealed class CertificateTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("hs-certificates-").FullName;
    private readonly X509Certificate2 authority = Authority("CN=North programs");
    private readonly List<X509Certificate2> made = [];
    private X509Certificate2 pinned = null!;
    private NodeHost node = null!;
    private string? server;

    [Fact]
    public async Task A_program_is_who_its_certificate_says_by_hash_or_by_a_believed_subject()
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync(pinned));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(Issued("CN=engine,O=North", authority)));
    }

    [Fact]
    public async Task Anybody_elses_certificate_lets_nobody_in()
    {
        using var other = Authority("CN=North programs");
        foreach (var certificate in new[]
        {
            Issued("CN=engine,O=North", other), SelfSigned("CN=engine,O=North"), SelfSigned("CN=pinned"), Issued("CN=other,O=North", authority),
            Issued("CN=engine,O=North", authority, from: -20, to: -10), Issued("CN=engine,O=North", authority, usage: "1.3.6.1.5.5.7.3.1"), null,
        })
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(certificate));
    }

    [Fact]
    public async Task A_page_cannot_act_with_the_certificate_that_a_browser_has()
    {
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(pinned, HttpMethod.Post, "https://evil.example"));
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(pinned, HttpMethod.Post));
    }

    [Fact]
    public async Task Who_trusts_the_root_alone_gets_the_intermediate_from_the_node_and_the_health_says_when_its_chain_ends()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=North intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var bare = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(5), RandomNumberGenerator.GetBytes(8));
        using var intermediate = bare.CopyWithPrivateKey(key);
        var leaf = Issued("CN=127.0.0.1", intermediate, from: -2, to: 4, usage: "1.3.6.1.5.5.7.3.1");
        var (chain, leafKey) = (Path.Combine(folder, "chain.pem"), Path.Combine(folder, "leaf.key"));
        await File.WriteAllTextAsync(chain, $"{leaf.ExportCertificatePem()}\n{intermediate.ExportCertificatePem()}\n");
        using (var exported = leaf.GetECDsaPrivateKey()!)
            await File.WriteAllTextAsync(leafKey, exported.ExportPkcs8PrivateKeyPem());
        await using var chained = await NodeHost.StartAsync(new Dictionary<string, string?>
        {
            ["HealthShare:Http:Url"] = "https://127.0.0.1:0", ["HealthShare:Http:CertificateFile"] = chain, ["HealthShare:Http:KeyFile"] = leafKey,
        });
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(authority);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(chained.App.Urls.Single()) };
        using var answer = await client.GetAsync("/health/ready");
        Assert.Contains($"certificate of the pages and the API ends {new DateTimeOffset(leaf.NotAfter):u}", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    public async Task InitializeAsync()
    {
        pinned = SelfSigned("CN=pinned");
        var own = SelfSigned("CN=localhost");
        server = own.GetCertHashString();
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.pem"), own.ExportCertificatePem());
        using (var key = own.GetECDsaPrivateKey()!)
            await File.WriteAllTextAsync(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), authority.ExportCertificatePem());
        node = await NodeHost.StartAsync(new Dictionary<string, string?>
        {
            ["HealthShare:Http:Url"] = "https://127.0.0.1:0", ["HealthShare:Http:CertificateFile"] = Path.Combine(folder, "tls.pem"),
            ["HealthShare:Http:KeyFile"] = Path.Combine(folder, "tls.key"), ["HealthShare:Http:ClientCertificates"] = "true",
            ["HealthShare:Http:ClientCaFile"] = Path.Combine(folder, "ca.pem"),
            ["HealthShare:Auth:Callers:50:Name"] = "pinned", ["HealthShare:Auth:Callers:50:Role"] = "System",
            ["HealthShare:Auth:Callers:50:CertificateSha256"] = pinned.GetCertHashString(HashAlgorithmName.SHA256),
            ["HealthShare:Auth:Callers:51:Name"] = "engine", ["HealthShare:Auth:Callers:51:Role"] = "System",
            ["HealthShare:Auth:Callers:51:CertificateSubject"] = "CN=engine,O=North",
        });
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        made.ForEach(certificate => certificate.Dispose());
        authority.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<HttpStatusCode> AskAsync(X509Certificate2? certificate, HttpMethod? method = null, string? origin = null)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == server };
        if (certificate is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        using var client = new HttpClient(handler) { BaseAddress = new Uri(node.App.Urls.Single()) };
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, method is null ? "/api/v1/organizations" : "/api/v1/patients");
        if (method is not null)
            request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static X509Certificate2 Authority(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }

    private X509Certificate2 SelfSigned(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        made.Add(certificate);
        return certificate;
    }

    private X509Certificate2 Issued(string subject, X509Certificate2 issuer, int from = -1, int to = 1, string usage = "1.3.6.1.5.5.7.3.2")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(issuer, DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(to), RandomNumberGenerator.GetBytes(8));
        var certificate = bare.CopyWithPrivateKey(key);
        made.Add(certificate);
        return certificate;
    }
}
