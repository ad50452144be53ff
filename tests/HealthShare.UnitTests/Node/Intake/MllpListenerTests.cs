using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Hl7.Mllp;
using HealthShare.Node;
using HealthShare.Node.Hosting;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Receiving;
using HealthShare.UnitTests.Chaincode.Shim;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TestAuthority = HealthShare.UnitTests.Protocol.Grpc.TestAuthority;

namespace HealthShare.UnitTests.Node.Intake;

public sealed class MllpListenerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mllp").FullName;
    private readonly TestAuthority hospital = new("hospital");

    public void Dispose()
    {
        hospital.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task With_a_certificate_and_authorities_only_their_senders_are_let_in()
    {
        await using var listener = Listener(Secure());
        await listener.StartAsync(CancellationToken.None);
        await using (await ConnectAsync(listener, hospital.Issue("laboratory")))
        {
            // Connected and shaken hands with.
        }
        await Assert.ThrowsAsync<AuthenticationException>(() => MllpClient.ConnectAsync(new MllpClientOptions
        {
            Host = "127.0.0.1", Port = listener.Endpoint!.Port, Tls = MllpTls.Client("other.example", hospital.Roots),
        }));
        await listener.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Files_that_are_missing_or_hold_no_certificate_stop_the_start_and_are_named()
    {
        var empty = Write("empty.pem", "");
        await RefusedAsync("KeyFile", o => o.KeyFile = null);
        await RefusedAsync("CertificateFile", o => o.CertificateFile = null);
        await RefusedAsync("absent.pem", o => o.CertificateFile = Path.Combine(folder, "absent.pem"));
        await RefusedAsync("files for TLS", o => o.KeyFile = empty);
        await RefusedAsync("holds no certificate", o => o.ClientAuthoritiesFile = empty);

        async Task RefusedAsync(string named, Action<MllpOptions> change)
        {
            var options = Secure();
            change(options);
            await using var listener = Listener(options);
            var refusal = await Assert.ThrowsAsync<NodeStartException>(() => listener.StartAsync(CancellationToken.None));
            Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("192.0.2.1", false, true)] // nobody has it, so that nothing is opened
    [InlineData("192.0.2.1", true, false)]
    public async Task The_log_warns_where_it_listens_in_plain_beyond_this_machine(string address, bool isSecure, bool warns)
    {
        using var logs = new RecordedLogs();
        var options = isSecure ? Secure() : new MllpOptions { Port = 0 };
        options.Address = address;
        await using var listener = Listener(options, logs.CreateLogger<MllpListener>());
        var failure = await Record.ExceptionAsync(() => listener.StartAsync(CancellationToken.None));
        Assert.Equal(address != "127.0.0.1", failure is System.Net.Sockets.SocketException);
        Assert.Equal(warns, logs.Lines.Any(line => line.Contains("without TLS", StringComparison.Ordinal)));
    }

    private MllpOptions Secure()
    {
        using var own = hospital.Issue("localhost");
        return new MllpOptions
        {
            Port = 0,
            CertificateFile = Write("own.pem", own.ExportCertificatePem()),
            KeyFile = Write("own.key", own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
            ClientAuthoritiesFile = Write("authorities.pem", hospital.Roots.ExportCertificatePems()),
        };
    }

    private Task<MllpClient> ConnectAsync(MllpListener listener, X509Certificate2 certificate) => MllpClient.ConnectAsync(new MllpClientOptions
    {
        Host = "127.0.0.1", Port = listener.Endpoint!.Port, Tls = MllpTls.Client("localhost", hospital.Roots, certificate),
    });

    private static MllpListener Listener(MllpOptions options, ILogger<MllpListener>? logger = null) => new(
        new MllpIntakeHandler(null!, TimeProvider.System, NullLogger<MllpIntakeHandler>.Instance), // no message comes this far
        Options.Create(options), Options.Create(new IntakeOptions()),
        new ListenerCertificates(TimeProvider.System), logger ?? NullLogger<MllpListener>.Instance);

    private string Write(string name, string content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
