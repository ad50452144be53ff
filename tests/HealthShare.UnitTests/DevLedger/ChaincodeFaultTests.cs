using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A chaincode that is down, hangs or is another package fails clearly, and only as long as it does.</summary>
public sealed class ChaincodeFaultTests
{
    [Fact]
    public async Task A_service_that_is_down_is_refused_at_once_and_used_again_when_it_is_back()
    {
        await using var network = await StartAsync();
        await network.Client().SubmitAsync(Call("put", "a", "1"));
        var port = network.Chaincode.Endpoint!.Port;
        await network.Chaincode.DisposeAsync();
        var error = await Assert.ThrowsAsync<LedgerException>(() => network.Client().EndorseAsync(Call("put", "a", "2")));
        Assert.Equal(StatusCode.Aborted, error.Status);
        Assert.Contains(error.PeerErrors, detail => detail.MspId == "NorthMSP");
        await network.StartChaincodeAsync(port);
        await network.Client().SubmitAsync(Call("put", "a", "2"));
        Assert.Equal("2", Text(await network.Client().EvaluateAsync(Call("get", "a"))));
    }

    [Fact]
    public async Task A_transaction_that_hangs_ends_at_its_limit_while_others_go_on()
    {
        await using var network = await StartAsync(options => options with { ExecuteTimeout = TimeSpan.FromSeconds(8) });
        var hanging = network.Client().EndorseAsync(Call("hang") with { Organizations = ["NorthMSP"] });
        await network.Client().SubmitAsync(Call("put", "a", "1"));
        var error = await Assert.ThrowsAsync<LedgerException>(() => hanging);
        Assert.Equal(StatusCode.Aborted, error.Status);
        Assert.Contains("timeout expired while executing transaction", error.PeerErrors[0].Message, StringComparison.Ordinal);
        await network.Client().SubmitAsync(Call("put", "a", "2"));
    }

    [Fact]
    public async Task A_deadline_of_the_caller_ends_the_wait_earlier()
    {
        await using var network = await StartAsync();
        var hasty = network.Client(options: new GatewayOptions { EvaluateTimeout = TimeSpan.FromMilliseconds(200) });
        var error = await Assert.ThrowsAsync<LedgerException>(() => hasty.EvaluateAsync(Call("hang")));
        Assert.Equal(LedgerCodes.Timeout, error.Code);
    }

    [Fact]
    public async Task A_service_of_another_package_is_named_and_the_policy_is_met_without_it()
    {
        await using var network = await StartAsync(options => options with
        {
            Chaincodes = [options.Chaincodes[0] with
            {
                OwnServices = new Dictionary<string, ChaincodeService>
                {
                    ["SouthMSP"] = options.Chaincodes[0].Service with { PackageId = "asset_2:def" },
                },
            }],
        });
        var error = await Assert.ThrowsAsync<LedgerException>(
            () => network.Client().EndorseAsync(Call("put", "a", "1") with { Organizations = ["NorthMSP", "SouthMSP"] }));
        var detail = Assert.Single(error.PeerErrors);
        Assert.Equal("SouthMSP", detail.MspId);
        Assert.Contains("registered as 'asset_1:abc', which is not the package id 'asset_2:def'", detail.Message, StringComparison.Ordinal);
        var endorsed = await network.Client().EndorseAsync(Call("put", "a", "1"));
        Assert.Equal(["EastMSP", "NorthMSP"], Tampering.Endorsers(endorsed.Envelope).Order());
    }

    [Fact]
    public async Task Many_submitters_at_once_all_commit_in_fewer_blocks_than_transactions()
    {
        // Long enough for some of them to meet in a block on any machine.
        await using var network = await StartAsync(options => options with { Batch = new BatchOptions { Timeout = TimeSpan.FromSeconds(1) } });
        var clients = Endorsing.Select(mspId => network.Client(mspId)).ToArray();
        var results = await Task.WhenAll(Enumerable.Range(0, 120).Select(
            i => clients[i % clients.Length].SubmitAsync(Call("put", $"many-{i}", "x"))));
        Assert.Equal(120, results.Select(result => result.TransactionId).Distinct().Count());
        Assert.Equal("120", Text(await network.Client().EvaluateAsync(Call("count", "many-", "many-~"))));
        Assert.True(results.Select(result => result.BlockNumber).Distinct().Count() < 120);
    }
}
