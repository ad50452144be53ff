using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using HealthShare.Node.Receipts;
using HealthShare.UnitTests.Chaincode.Shim;
using HealthShare.UnitTests.Client;
using HealthShare.UnitTests.Protocol.Grpc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Proposal = HealthShare.Fabric.Protocol.Peer.Proposal;

namespace HealthShare.UnitTests.Node.Ledger;

/// <summary>The node's way to the channel, as settings and a connection file make it.</summary>
public sealed class GatewayLedgerTests : IDisposable
{
    private const string Name = "peer0.north.example";
    private readonly TestAuthority authority = new("authority of north");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Fact]
    public async Task A_peer_that_demands_mutual_TLS_is_shown_the_certificate_of_the_connection_file()
    {
        await using var gateway = await StartAsync();
        await using var ledger = Open(gateway);

        Assert.False((await ledger.EvaluateAsync(new LedgerCall("Organizations:List"), CancellationToken.None)).IsEmpty);
    }

    [Fact]
    public async Task A_conflict_is_repeated_and_nothing_of_it_is_remembered()
    {
        await using var gateway = await StartAsync();
        gateway.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse
        {
            Result = gateway.Requests.OfType<SubmitRequest>().Count() == 1 ? TxValidationCode.MvccReadConflict : TxValidationCode.Valid,
            BlockNumber = 7,
        });
        await using var ledger = Open(gateway);

        var commit = await ledger.SubmitAsync(new LedgerCall("Consents:Grant"), CancellationToken.None);

        Assert.Equal(7ul, commit.Block);
        Assert.Equal(2, gateway.Requests.OfType<SubmitRequest>().Select(request => request.TransactionId).Distinct().Count());
        var store = new NoOutcomes();
        await store.SaveAsync(new SentTransaction("key", "tx", new byte[] { 1 }, new byte[] { 2 }), CancellationToken.None);
        Assert.Null(await store.FindAsync("key", CancellationToken.None));
    }

    [Fact]
    public async Task A_renewed_identity_in_the_files_is_taken_once_it_is_whole_and_valid_and_what_is_not_is_told_once()
    {
        await using var gateway = await StartAsync();
        await using var ledger = Open(gateway);
        using var logs = new RecordedLogs();
        using var renewal = new CertificateRenewal(ledger, new ListenerCertificates(TimeProvider.System), TimeProvider.System, new Logger<CertificateRenewal>(logs));
        var first = await CreatorAsync(gateway, ledger);
        renewal.Look();
        Assert.Empty(logs.Lines);

        var key = File.ReadAllText(PathOf("node.key"));
        Write("node", "node@north.example", DateTimeOffset.UtcNow.AddMinutes(-1));
        renewal.Look();
        Assert.Contains("which is not now", Assert.Single(logs.Lines), StringComparison.Ordinal);
        Write("node", "node@north.example", DateTimeOffset.UtcNow.AddMinutes(30));
        var written = File.ReadAllText(PathOf("node.key"));
        File.WriteAllText(PathOf("node.key"), key); // the certificate first, and then its key
        renewal.Look();
        renewal.Look();
        Assert.Contains("do not belong together", Assert.Single(logs.Lines.Skip(1)), StringComparison.Ordinal);
        Assert.Equal(first, await CreatorAsync(gateway, ledger));
        File.Delete(PathOf("node.key"));
        renewal.Look();
        Assert.Equal(first, await CreatorAsync(gateway, ledger));

        File.WriteAllText(PathOf("node.key"), written);
        renewal.Look();
        renewal.Look();
        Assert.Contains("identity certificate of this node is renewed", Assert.Single(logs.Lines.Skip(3)), StringComparison.Ordinal);
        var second = await CreatorAsync(gateway, ledger);
        Assert.NotEqual(first, second);
        Assert.Equal(second, ByteString.CopyFrom(ledger.Sign(new ReceiptClaim("health", 1, "", "tx", "", null, DateTimeOffset.UtcNow)).Identity.Span));
        Assert.InRange(ledger.Connection.IdentityNotAfter!.Value, DateTimeOffset.UtcNow.AddMinutes(29), DateTimeOffset.UtcNow.AddMinutes(31));
    }

    [Fact]
    public async Task A_renewed_TLS_certificate_in_the_files_is_shown_to_the_peers()
    {
        await using var gateway = await StartAsync();
        var shown = "";
        gateway.Evaluate = (_, context) =>
        {
            shown = context.ClientCertificate!.Subject;
            return Task.FromResult(new EvaluateResponse { Result = new Response { Status = 200 } });
        };
        await using var ledger = Open(gateway);
        using var logs = new RecordedLogs();
        using var renewal = new CertificateRenewal(ledger, new ListenerCertificates(TimeProvider.System), TimeProvider.System, new Logger<CertificateRenewal>(logs));
        await ledger.EvaluateAsync(new LedgerCall("Organizations:List"), CancellationToken.None);
        Assert.Equal("CN=client.north.example", shown);

        Write("tls", "renewed.north.example");
        renewal.Look();

        await ledger.EvaluateAsync(new LedgerCall("Organizations:List"), CancellationToken.None);
        Assert.Equal("CN=renewed.north.example", shown);
        Assert.Contains("TLS client certificate", Assert.Single(logs.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_are_looked_at_twice_a_minute_while_the_node_runs()
    {
        await using var gateway = await StartAsync();
        await using var ledger = Open(gateway);
        using var logs = new RecordedLogs();
        var clock = new HandClock();
        using var renewal = new CertificateRenewal(ledger, new ListenerCertificates(clock), clock, new Logger<CertificateRenewal>(logs));
        await renewal.StartAsync(CancellationToken.None);
        Write("node", "node@north.example");

        (await clock.Timer.Task.WaitAsync(TimeSpan.FromMinutes(2)))();

        await logs.WaitForAsync("is renewed", TimeSpan.FromMinutes(2));
        Assert.Equal(TimeSpan.FromSeconds(30), clock.Period);
        await renewal.StopAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    private Task<FakeGateway> StartAsync() =>
        FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)) { ClientRoots = authority.Roots });

    private GatewayLedger Open(FakeGateway gateway)
    {
        File.WriteAllText(PathOf("root.pem"), authority.Roots[0].ExportCertificatePem());
        Write("node", "node@north.example");
        Write("tls", "client.north.example");
        ConnectionFile.Write(PathOf("connection.json"), new ConnectionProfile("health", [],
        [
            new OrganizationConnection("NorthMSP", "north.example",
                [new PeerConnection(Name, $"127.0.0.1:{gateway.Address.Port}", Name, null, PathOf("root.pem"))], null, null,
                [new UserConnection("node", PathOf("node.pem"), PathOf("node.key"))], PathOf("tls.pem"), PathOf("tls.key")),
        ]));
        return GatewayLedgerFactory.Create(
            new FabricOptions { ConnectionFile = PathOf("connection.json"), RetryDelay = TimeSpan.FromMilliseconds(10) },
            new NodeOptions { MspId = "NorthMSP" }, TimeProvider.System, NullLogger<GatewayClient>.Instance);
    }

    private static async Task<ByteString> CreatorAsync(FakeGateway gateway, GatewayLedger ledger)
    {
        await ledger.EvaluateAsync(new LedgerCall("Organizations:List"), CancellationToken.None);
        var proposal = Proposal.Parser.ParseFrom(gateway.Requests.OfType<EvaluateRequest>().Last().ProposedTransaction.ProposalBytes);
        return SignatureHeader.Parser.ParseFrom(Header.Parser.ParseFrom(proposal.Header).SignatureHeader).Creator;
    }

    private void Write(string file, string name, DateTimeOffset? notAfter = null)
    {
        using var certificate = authority.Issue(name, notAfter);
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(PathOf(file + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf(file + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    private string PathOf(string name) => Path.Combine(folder.FullName, name);

    /// <summary>Its one timer fires by hand.</summary>
    private sealed class HandClock : TimeProvider
    {
        public TaskCompletionSource<Action> Timer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeSpan Period { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Period = period;
            Timer.TrySetResult(() => callback(state));
            return new Still();
        }

        private sealed class Still : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
