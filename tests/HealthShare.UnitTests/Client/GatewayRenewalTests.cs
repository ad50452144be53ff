using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.Protocol.Grpc;
using PeerProposal = HealthShare.Fabric.Protocol.Peer.Proposal;

namespace HealthShare.UnitTests.Client;

/// <summary>A client that goes on with a renewed certificate: nothing lost, nothing doubled, nothing half by one and half by the other.</summary>
public sealed class GatewayRenewalTests : IDisposable
{
    private const string Name = "peer0.org1.example";
    private readonly TestAuthority authority = new("authority of org1");

    [Fact]
    public async Task Renewed_under_load_each_transaction_is_whole_by_one_creator_and_committed_once()
    {
        const int Writers = 8, Each = 40;
        await using var scene = await GatewayPeersScene.StartAsync(2);
        using var renewed = Issue(DateTimeOffset.UtcNow.AddHours(1));
        var (proposed, committed, asked) = (new ConcurrentDictionary<string, ByteString>(), new ConcurrentDictionary<string, ByteString>(), new ConcurrentBag<ByteString>());
        scene.First.Endorse = async (request, _) =>
        {
            var header = Header.Parser.ParseFrom(PeerProposal.Parser.ParseFrom(request.ProposedTransaction.ProposalBytes).Header);
            Assert.True(proposed.TryAdd(request.TransactionId, Signed(header, request.ProposedTransaction.ProposalBytes, request.ProposedTransaction.Signature)));
            await Task.Delay(1);
            return new EndorseResponse { PreparedTransaction = FakeGateway.Prepare(request) };
        };
        scene.First.Submit = (request, _) =>
        {
            var envelope = request.PreparedTransaction;
            var creator = Signed(Payload.Parser.ParseFrom(envelope.Payload).Header, envelope.Payload, envelope.Signature);
            Assert.True(committed.TryAdd(request.TransactionId, creator));
            return Task.FromResult(new SubmitResponse());
        };
        scene.First.CommitStatus = (request, _) =>
        {
            var identity = CommitStatusRequest.Parser.ParseFrom(request.Request).Identity;
            asked.Add(Verified(identity, request.Request, request.Signature));
            return Task.FromResult(new CommitStatusResponse { Result = TxValidationCode.Valid, BlockNumber = 7 });
        };

        var done = 0;
        var writers = Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var i = 0; i < Each; i++)
            {
                await scene.Client.SubmitAsync(GatewayScene.Request);
                Interlocked.Increment(ref done);
            }
        }).ToList();
        for (var turn = 0; Volatile.Read(ref done) < Writers * Each && !writers.Any(writer => writer.IsFaulted); turn++)
        {
            scene.Client.Renew(turn % 2 == 0 ? renewed : scene.Identity);
            await Task.Delay(1);
        }
        await Task.WhenAll(writers);

        Assert.Equal(Writers * Each, committed.Count);
        Assert.Equal(proposed.OrderBy(one => one.Key), committed.OrderBy(one => one.Key));
        Assert.Equal(2, committed.Values.Distinct().Count());
        Assert.Equal(2, asked.Distinct().Count());
    }

    [Fact]
    public async Task A_client_whose_certificate_has_expired_goes_on_with_the_renewed_one()
    {
        var clock = new LaterClock(TimeSpan.FromHours(2));
        await using var scene = await GatewayPeersScene.StartAsync(1, options => options with { TimeProvider = clock });
        var ended = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));
        Assert.Equal((LedgerCodes.CertificateExpired, false), (ended.Code, ended.MayHaveCommitted));

        using var renewed = Issue(DateTimeOffset.UtcNow.AddHours(3));
        scene.Client.Renew(renewed);

        Assert.Equal(7ul, (await scene.Client.SubmitAsync(GatewayScene.Request)).BlockNumber);
        Assert.Equal(new DateTimeOffset(renewed.Certificate.NotAfter.ToUniversalTime()), Assert.Single(scene.Client.Certificates).NotAfter);
        Assert.Equal(renewed.Creator, CommitStatusRequest.Parser.ParseFrom(
            scene.First.Requests.OfType<SignedCommitStatusRequest>().Single().Request).Identity);
    }

    [Fact]
    public async Task A_stream_that_the_peer_ends_with_the_earlier_certificate_goes_on_with_the_renewed_one()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        var renewal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.First.Deliver = async (seek, stream, _) =>
        {
            await stream.WriteAsync(FakeGateway.Block(seek.Start.Specified.Number));
            await renewal.Task;
            await stream.WriteAsync(new DeliverResponse { Status = Status.Forbidden });
        };
        await using var blocks = scene.Client.BlocksAsync(0).GetAsyncEnumerator();
        Assert.True(await blocks.MoveNextAsync());

        using var renewed = Issue(DateTimeOffset.UtcNow.AddHours(1));
        scene.Client.Renew(renewed);
        renewal.SetResult();

        Assert.True(await blocks.MoveNextAsync());
        Assert.Equal(1ul, blocks.Current.Header.Number);
        var denied = await Assert.ThrowsAsync<LedgerException>(async () => await blocks.MoveNextAsync());
        Assert.Equal(LedgerCodes.Denied, denied.Code);
    }

    [Fact]
    public async Task A_renewed_TLS_certificate_is_shown_from_the_next_connection_on_also_after_the_earlier_one_has_expired()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)) { ClientRoots = authority.Roots });
        gateway.Evaluate = (_, context) => Task.FromResult(new EvaluateResponse
        {
            Result = new Response { Status = 200, Payload = ByteString.CopyFromUtf8(context.ClientCertificate!.Subject) },
        });
        using var expired = authority.Issue("first", DateTimeOffset.UtcNow.AddMinutes(-1));
        using var second = authority.Issue("second");
        using var third = authority.Issue("third");
        using var identity = Issue(DateTimeOffset.UtcNow.AddHours(1));
        await using var client = GatewayClient.Connect(
            gateway.Address, new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = Name, ClientCertificate = expired }, identity, "channel-1");
        for (var i = 0; i < 3; i++)
        {
            var ended = await Assert.ThrowsAsync<LedgerException>(() => client.EvaluateAsync(GatewayScene.Request));
            Assert.Equal(LedgerCodes.CertificateExpired, ended.Code);
        }

        client.Renew(identity, second);
        Assert.Equal("CN=second", await WhoAmIAsync(client));
        client.Renew(identity, third);
        Assert.Equal("CN=third", await WhoAmIAsync(client));
        Assert.Equal(new DateTimeOffset(third.NotAfter.ToUniversalTime()), client.Certificates.Single(one => one.Use is CertificateUse.TlsClient).NotAfter);
    }

    [Fact]
    public async Task What_cannot_be_taken_is_named_and_the_earlier_one_kept()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        using var others = FakeGateway.NewIdentity(authority, "Org2MSP");
        using var renewed = Issue(DateTimeOffset.UtcNow.AddHours(1));
        using var tls = authority.Issue("client");

        Assert.Contains("Org2MSP", Assert.Throws<ArgumentException>(() => scene.Client.Renew(others)).Message, StringComparison.Ordinal);
        Assert.Contains("shows no certificate", Assert.Throws<ArgumentException>(() => scene.Client.Renew(renewed, tls)).Message, StringComparison.Ordinal);

        await scene.Client.GetCommitStatusAsync("tx");
        Assert.Equal(scene.Identity.Creator, CommitStatusRequest.Parser.ParseFrom(
            scene.First.Requests.OfType<SignedCommitStatusRequest>().Single().Request).Identity);
    }

    public void Dispose() => authority.Dispose();

    private static async Task<string> WhoAmIAsync(GatewayClient client) =>
        System.Text.Encoding.UTF8.GetString((await client.EvaluateAsync(GatewayScene.Request)).Span);

    private static ByteString Signed(Header header, ByteString bytes, ByteString signature) =>
        Verified(SignatureHeader.Parser.ParseFrom(header.SignatureHeader).Creator, bytes, signature);

    private static ByteString Verified(ByteString creator, ByteString bytes, ByteString signature)
    {
        using var certificate = X509Certificate2.CreateFromPem(SerializedIdentity.Parser.ParseFrom(creator).IdBytes.ToStringUtf8());
        using var key = certificate.GetECDsaPublicKey()!;
        Assert.True(key.VerifyData(bytes.Span, signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        return creator;
    }

    private SigningIdentity Issue(DateTimeOffset notAfter)
    {
        using var certificate = authority.Issue("client.org1.example", notAfter);
        using var key = certificate.GetECDsaPrivateKey()!;
        return SigningIdentity.FromPem("Org1MSP", certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
