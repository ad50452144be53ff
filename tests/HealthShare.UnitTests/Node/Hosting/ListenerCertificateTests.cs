using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Hl7.Mllp;
using HealthShare.Node;
using HealthShare.Node.Hosting;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Ledger;
using HealthShare.UnitTests.Chaincode.Shim;
using HealthShare.UnitTests.Node.Intake;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Protocol.Grpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>What listeners show when the files of their certificates are written anew while they run.</summary>
public sealed class ListenerCertificateTests : IDisposable
{
    private readonly TestAuthority hospital = new("hospital");
    private readonly ListenerCertificates certificates = new(TimeProvider.System);
    private readonly RecordedLogs logs = new();
    private readonly string folder = Directory.CreateTempSubdirectory("hs-listeners-").FullName;

    public void Dispose()
    {
        hospital.Dispose();
        logs.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Who_connects_over_HTTPS_after_a_renewal_is_shown_the_new_certificate_and_who_was_connected_goes_on()
    {
        var first = Write("127.0.0.1");
        await using var node = await NodeHost.StartAsync(
            new Dictionary<string, string?>
            {
                ["HealthShare:Http:Url"] = "https://127.0.0.1:0", ["HealthShare:Http:CertificateFile"] = PathOf("tls.pem"),
                ["HealthShare:Http:KeyFile"] = PathOf("tls.key"),
            },
            services => services.Remove(services.Single(service => service.ImplementationType == typeof(CertificateRenewal)))); // looks by hand
        using var renewal = Renewal(node.App.Services.GetRequiredService<ListenerCertificates>());
        var (shownEarly, shownLate) = (new List<string>(), new List<string>());
        using var early = Connect(shownEarly);
        Assert.Contains($"certificate of the pages and the API ends {Ends(first)}", await HealthAsync(early), StringComparison.Ordinal);

        var second = Write("127.0.0.1", DateTimeOffset.UtcNow.AddMinutes(45));
        renewal.Look();

        using var late = Connect(shownLate);
        Assert.Contains($"certificate of the pages and the API ends {Ends(second)}", await HealthAsync(late), StringComparison.Ordinal);
        Assert.Contains("ends", await HealthAsync(early), StringComparison.Ordinal);
        Assert.Equal([first.Thumbprint], shownEarly);
        Assert.Equal([second.Thumbprint], shownLate);
        Assert.Contains($"The certificate of the pages and the API of this node is renewed; the new one ends at {Ends(second)}", Assert.Single(logs.Lines), StringComparison.Ordinal);

        async Task<string> HealthAsync(HttpClient client)
        {
            using var answer = await client.GetAsync("/health/ready");
            return await answer.Content.ReadAsStringAsync();
        }

        HttpClient Connect(List<string> shown) => new(new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown.Add(((X509Certificate2)certificate!).Thumbprint);
                    return certificate.Issuer == "CN=hospital";
                },
            },
        })
        {
            BaseAddress = new Uri(node.App.Urls.Single()), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    [Fact]
    public async Task Who_connects_over_MLLP_after_a_renewal_is_shown_the_new_certificate_and_who_was_connected_goes_on()
    {
        Write("earlier.example");
        await using var scene = await IntakeScene.StartAsync();
        await using var listener = new MllpListener(
            scene.Mllp, Options.Create(new MllpOptions { Port = 0, CertificateFile = PathOf("tls.pem"), KeyFile = PathOf("tls.key") }),
            Options.Create(scene.Options), certificates, NullLogger<MllpListener>.Instance);
        await listener.StartAsync(CancellationToken.None);
        using var renewal = Renewal(certificates);
        await using var early = await ConnectAsync("earlier.example");
        Assert.Equal("AA", (await early.SendAsync(IntakeScene.Message("1"))).Code);

        Write("renewed.example");
        renewal.Look();

        await using (var late = await ConnectAsync("renewed.example"))
            Assert.Equal("AA", (await late.SendAsync(IntakeScene.Message("2"))).Code);
        Assert.Equal("AA", (await early.SendAsync(IntakeScene.Message("3"))).Code);
        Assert.Contains("The certificate of the MLLP listener of this node is renewed", Assert.Single(logs.Lines), StringComparison.Ordinal);
        await early.DisposeAsync();
        await listener.StopAsync(CancellationToken.None);

        Task<MllpClient> ConnectAsync(string name) => MllpClient.ConnectAsync(new MllpClientOptions
        {
            Host = "127.0.0.1", Port = listener.Endpoint!.Port, Tls = MllpTls.Client(name, hospital.Roots),
            ConnectTimeout = TimeSpan.FromMinutes(2), AcknowledgementTimeout = TimeSpan.FromMinutes(2),
        });
    }

    [Fact]
    public void A_key_that_is_written_before_its_certificate_is_told_once_and_both_are_taken_together()
    {
        var (own, renewal, first) = Open();
        var earlier = File.ReadAllText(PathOf("tls.pem"));
        var second = Write("renewed.example", DateTimeOffset.UtcNow.AddMinutes(45));
        var later = File.ReadAllText(PathOf("tls.pem"));
        File.WriteAllText(PathOf("tls.pem"), earlier);

        renewal.Look();
        renewal.Look();
        Assert.Equal(first.Thumbprint, own.Context.TargetCertificate.Thumbprint);
        Assert.Contains("has changed and is not taken yet; the earlier one is kept", Assert.Single(logs.Lines), StringComparison.Ordinal);

        File.WriteAllText(PathOf("tls.pem"), later);
        renewal.Look();
        renewal.Look();
        Assert.Equal(second.Thumbprint, own.Context.TargetCertificate.Thumbprint);
        Assert.Equal(new DateTimeOffset(second.NotAfter), own.NotAfter);
        Assert.Contains("is renewed", Assert.Single(logs.Lines.Skip(1)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the certificate of another key", "does not match")]
    [InlineData("the beginning of the certificate", "is not whole")]
    [InlineData("the certificate and the beginning of its authority's", "is not whole")]
    [InlineData("the beginning of the key", "malformed")]
    [InlineData("a file that was emptied to be written", "")]
    [InlineData("no certificate", "tls.pem")]
    [InlineData("no key", "tls.key")]
    [InlineData("a certificate that has ended", "which is not now")]
    [InlineData("a certificate for clients alone", "is not for servers")]
    public void What_cannot_be_shown_leaves_the_certificate_in_force_and_is_told_once_until_it_is_mended(string files, string reason)
    {
        var (own, renewal, first) = Open();
        var end = own.NotAfter;
        var key = File.ReadAllText(PathOf("tls.key"));
        var second = Write("renewed.example", files == "a certificate that has ended" ? DateTimeOffset.UtcNow.AddMinutes(-1) : null, files != "a certificate for clients alone");
        var (chain, ownKey) = (hospital.ChainPem(second), File.ReadAllText(PathOf("tls.key")));
        switch (files)
        {
            case "the certificate of another key":
                File.WriteAllText(PathOf("tls.key"), key);
                break;
            case "the beginning of the certificate":
                File.WriteAllText(PathOf("tls.pem"), chain[..200]);
                break;
            case "the certificate and the beginning of its authority's":
                File.WriteAllText(PathOf("tls.pem"), chain[..^20]);
                break;
            case "the beginning of the key":
                File.WriteAllText(PathOf("tls.key"), ownKey[..100]);
                break;
            case "a file that was emptied to be written":
                File.WriteAllText(PathOf("tls.pem"), "");
                break;
            case "no certificate":
                File.Delete(PathOf("tls.pem"));
                break;
            case "no key":
                File.Delete(PathOf("tls.key"));
                break;
        }

        renewal.Look();
        renewal.Look();

        Assert.Equal((first.Thumbprint, end), (own.Context.TargetCertificate.Thumbprint, own.NotAfter));
        var told = Assert.Single(logs.Lines);
        Assert.Contains("The certificate of the listener in the files has changed and is not taken yet", told, StringComparison.Ordinal);
        Assert.Contains(reason, told, StringComparison.Ordinal);

        var third = Write("mended.example");
        renewal.Look();
        Assert.Equal(third.Thumbprint, own.Context.TargetCertificate.Thumbprint);
        Assert.Contains("is renewed", Assert.Single(logs.Lines.Skip(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_for_clients_alone_is_refused_at_the_start()
    {
        Write("north.example", forServers: false);

        var refused = Assert.Throws<NodeStartException>(() =>
            certificates.Open("HealthShare:Http", "certificate of the pages and the API", PathOf("tls.pem"), PathOf("tls.key"), offline: true));
        Assert.Contains("extended key usage leaves out serverAuth", refused.Message, StringComparison.Ordinal);
    }

    private (ListenerCertificate Own, CertificateRenewal Renewal, X509Certificate2 First) Open()
    {
        var first = Write("earlier.example");
        return (certificates.Open("Section", "certificate of the listener", PathOf("tls.pem"), PathOf("tls.key"), offline: true), Renewal(certificates), first);
    }

    private CertificateRenewal Renewal(ListenerCertificates looked) => new(new FakeLedger(), looked, TimeProvider.System, new Logger<CertificateRenewal>(logs));

    private X509Certificate2 Write(string name, DateTimeOffset? notAfter = null, bool forServers = true)
    {
        var certificate = hospital.Issue(name, notAfter, forServers);
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(PathOf("tls.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf("tls.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    private static string Ends(X509Certificate2 certificate) => $"{new DateTimeOffset(certificate.NotAfter):u}";

    private string PathOf(string name) => Path.Combine(folder, name);
}
