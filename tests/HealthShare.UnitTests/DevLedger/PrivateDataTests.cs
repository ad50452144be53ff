using System.Security.Cryptography;
using System.Text;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Implicit collections: values at their organization only, hashes for everyone.</summary>
public sealed class PrivateDataTests : IAsyncLifetime
{
    private const string OfNorth = "_implicit_org_NorthMSP";
    private LedgerNetwork network = null!;

    public async Task InitializeAsync() => network = await StartAsync();

    public async Task DisposeAsync() => await network.DisposeAsync();

    [Fact]
    public async Task Values_are_read_at_their_organization_and_hashes_everywhere_also_after_a_restart()
    {
        await network.Client().SubmitAsync(Put(OfNorth, "p", "secret", "NorthMSP"));
        await Check();
        await network.RestartAsync();
        await Check();

        async Task Check()
        {
            Assert.Equal("secret", Text(await Get("NorthMSP", "NorthMSP")));
            Assert.Equal("secret", Text(await Get("SouthMSP", "NorthMSP"))); // at North's peer; who may ask is the chaincode's to decide
            var error = await Assert.ThrowsAsync<LedgerException>(() => Get("SouthMSP", "SouthMSP"));
            Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
            var hash = await network.Client("EastMSP").EvaluateAsync(
                Call("getPrivateHash", OfNorth, "p") with { Organizations = ["EastMSP"] });
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("secret"u8)), Text(hash));
        }

        Task<ReadOnlyMemory<byte>> Get(string caller, string at) =>
            network.Client(caller).EvaluateAsync(Call("getPrivate", OfNorth, "p") with { Organizations = [at] });
    }

    [Fact]
    public async Task A_write_needs_the_endorsement_of_the_collections_organization_and_of_no_other()
    {
        var own = await network.Client().EndorseAsync(Put(OfNorth, "own", "v", "NorthMSP"));
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(own.TransactionId, own.Envelope));
        var foreign = await network.Client("SouthMSP").EndorseAsync(Put(OfNorth, "foreign", "v", "SouthMSP", "EastMSP"));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure,
            await network.SubmitAsync(foreign.TransactionId, foreign.Envelope));
    }

    [Fact]
    public async Task Without_named_organizations_the_policy_of_the_collection_decides()
    {
        var own = await network.Client().EndorseAsync(Put(OfNorth, "auto", "v"));
        Assert.Equal(["NorthMSP"], Tampering.Endorsers(own.Envelope));
        var error = await Assert.ThrowsAsync<LedgerException>(() => network.Client("WatchMSP").EndorseAsync(Put(OfNorth, "auto", "v")));
        Assert.Equal(StatusCode.FailedPrecondition, error.Status);
    }

    [Fact]
    public async Task A_collection_of_nobody_is_refused()
    {
        var error = await Assert.ThrowsAsync<LedgerException>(
            () => network.Client().EndorseAsync(Put("_implicit_org_NobodyMSP", "p", "v", "NorthMSP")));
        Assert.Equal(StatusCode.Aborted, error.Status);
    }

    [Fact]
    public async Task Neither_blocks_nor_their_file_hold_the_value_and_only_members_are_delivered_it()
    {
        var result = await network.Client().SubmitAsync(Put(OfNorth, "p", "very secret", "NorthMSP"));
        Assert.DoesNotContain("very secret", Encoding.Latin1.GetString(
            File.ReadAllBytes(Path.Combine(network.Host.LedgerDirectory, "blocks.dat"))), StringComparison.Ordinal);
        var own = await DeliverAsync("NorthMSP", result.BlockNumber);
        var values = Assert.Single(own.PrivateDataMap).Value.NsPvtRwset.Single().CollectionPvtRwset.Single();
        Assert.Equal(ImplicitCollection.Of("NorthMSP"), values.CollectionName);
        Assert.Empty((await DeliverAsync("SouthMSP", result.BlockNumber)).PrivateDataMap);
    }

    [Fact]
    public async Task A_transaction_whose_values_were_lost_in_a_restart_is_refused_at_submission()
    {
        var endorsed = await network.Client().EndorseAsync(Put(OfNorth, "lost", "v", "NorthMSP"));
        await network.RestartAsync();
        var error = await Assert.ThrowsAsync<LedgerException>(() => network.Client().SubmitEndorsedAsync(endorsed));
        Assert.Equal(StatusCode.Aborted, error.Status);
        Assert.Contains("endorsed again", error.Message, StringComparison.Ordinal);
    }

    private static TransactionRequest Put(string collection, string key, string value, params string[] organizations) =>
        Call("putPrivate", collection, key) with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = Encoding.UTF8.GetBytes(value) },
            Organizations = organizations,
        };

    private async Task<BlockAndPrivateData> DeliverAsync(string mspId, ulong number)
    {
        await using var channel = network.Dial(mspId);
        await using var call = await channel.DuplexAsync(FabricMethods.DeliverWithPrivateData);
        await call.WriteAsync(SeekRequests.Signed(network.Identity(mspId), SeekRequests.Blocks(number, number)));
        await foreach (var response in call.ReadAllAsync())
            return response.BlockAndPrivateData;
        throw new InvalidOperationException("Nothing was delivered.");
    }
}
