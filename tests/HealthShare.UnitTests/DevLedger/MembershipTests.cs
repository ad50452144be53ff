using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Organizations that join a running channel.</summary>
public sealed class MembershipTests : IAsyncLifetime
{
    private static readonly OrganizationOptions West = new() { MspId = "WestMSP", Domain = "west.example" };
    private LedgerNetwork network = null!;

    public async Task InitializeAsync() => network = await StartAsync();

    public async Task DisposeAsync() => await network.DisposeAsync();

    [Fact]
    public async Task A_new_member_submits_endorses_and_reads_and_stays_one_after_a_restart()
    {
        await network.Client().SubmitAsync(Call("put", "before", "1"));
        await network.Host.AddOrganizationAsync(West, new Dictionary<string, string?> { ["asset"] = null });
        Assert.Contains("WestMSP", network.Connection.Organizations.Select(organization => organization.MspId));
        Assert.Equal("1", Text(await network.Client("WestMSP").EvaluateAsync(Call("get", "before"))));
        await network.Client("WestMSP").SubmitAsync(Call("put", "k", "1") with { Organizations = ["WestMSP", "NorthMSP", "EastMSP"] });
        // The policy was raised with it: two of four are no longer enough.
        var two = await network.Client().EndorseAsync(Call("put", "k", "2") with { Organizations = ["NorthMSP", "SouthMSP"] });
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await CommitAsync(two));

        var height = network.Host.Height;
        await network.RestartAsync(policy: "OutOf(3, 'NorthMSP.peer', 'SouthMSP.peer', 'EastMSP.peer', 'WestMSP.peer')");
        Assert.Equal(height, network.Host.Height);
        Assert.Equal("1", Text(await network.Client("WestMSP").EvaluateAsync(Call("get", "k"))));
        await network.Client("WestMSP").SubmitAsync(Call("put", "later", "1"));
    }

    [Fact]
    public async Task Who_gives_up_once_the_member_is_in_gets_the_policies_asked_for_all_the_same()
    {
        using var giveUp = new CancellationTokenSource();
        await network.RestartAsync(loggers: new OnJoining(giveUp.Cancel));
        var height = network.Host.Height;
        await network.Host.AddOrganizationAsync(West, new Dictionary<string, string?> { ["asset"] = null }, giveUp.Token);
        Assert.True(giveUp.IsCancellationRequested);
        Assert.Equal(height + 2, network.Host.Height);
    }

    /// <summary>Does something when the ledger logs that a member has joined.</summary>
    private sealed class OnJoining(Action act) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) { }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 3007)
                act();
        }

        public void Dispose() { }
    }

    [Fact]
    public async Task The_update_is_one_that_a_verifier_of_real_channels_accepts_and_counts_from_there()
    {
        await network.Client().SubmitAsync(Call("put", "k", "0"));
        var block = network.Host.Height;
        await network.Host.AddOrganizationAsync(West);
        await network.Host.AddOrganizationAsync(new OrganizationOptions { MspId = "FarMSP", Domain = "far.example", Endorses = false });
        await network.Client("FarMSP").SubmitAsync(Call("update", "k", "1"));

        var verifier = new BlockVerifier();
        using (var stored = new StoredBlocks(network.Host.LedgerDirectory))
        {
            foreach (var one in stored.ReadAll())
                Assert.Null(verifier.Verify(one));
        }
        using var blocks = new BlockFileReader(network.Host.LedgerDirectory);
        var configuration = ChannelConfig.FromBlock(blocks.Read(block));
        Assert.Equal(1UL, configuration.Sequence);
        Assert.Contains("WestMSP", configuration.Organizations.Select(organization => organization.Msp.MspId));
        Assert.Equal(block + 1, new BlockView(blocks.Read(block + 2)).LastConfig);
        var told = await network.Client().EvaluateAsync(new TransactionRequest("cscc", "GetConfigBlock", [Channel]));
        Assert.Equal(2UL, ChannelConfig.FromBlock(Block.Parser.ParseFrom(told.Span)).Sequence);
    }

    [Fact]
    public async Task Members_join_while_others_write_and_nothing_is_lost()
    {
        var client = network.Client();
        var writers = Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 10; i++)
                await client.SubmitAsync(Call("put", $"k-{writer}-{i}", "v"));
        }).ToList();
        await network.Host.AddOrganizationAsync(West);
        await Task.WhenAll(writers);
        Assert.Equal("80", Text(await network.Client("WestMSP").EvaluateAsync(Call("count", "k-", "k-~"))));
    }

    [Theory]
    [InlineData("NorthMSP", "other.example", null, "of the channel already")]
    [InlineData("OtherMSP", "north.example", null, "of the channel already")]
    [InlineData("OrdererMSP", "other.example", null, "of the channel already")]
    [InlineData("No MSP", "other.example", null, "is no MSP id")]
    [InlineData("OtherMSP", "no domain", null, "is no domain")]
    [InlineData("OtherMSP", "other.example", "SOME('OtherMSP.peer')", "'SOME'")]
    [InlineData("OtherMSP", "other.example", "OR('StrangeMSP.peer')", "StrangeMSP")]
    public async Task What_is_wrong_is_named_and_changes_nothing(string mspId, string domain, string? policy, string named)
    {
        var height = network.Host.Height;
        var error = await Assert.ThrowsAsync<ArgumentException>(() => network.Host.AddOrganizationAsync(
            new OrganizationOptions { MspId = mspId, Domain = domain },
            policy is null ? null : new Dictionary<string, string?> { ["asset"] = policy }));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<ArgumentException>(
            () => network.Host.AddOrganizationAsync(West, new Dictionary<string, string?> { ["none"] = null }));
        Assert.Contains("'none'", error.Message, StringComparison.Ordinal);
        Assert.Equal(height, network.Host.Height);
        Assert.DoesNotContain(mspId == "NorthMSP" ? "-" : mspId, network.Connection.Organizations.Select(organization => organization.MspId));
    }

    [Fact]
    public async Task Where_its_address_is_taken_it_does_not_join_and_may_try_again()
    {
        var height = network.Host.Height;
        var taken = West with { Listen = network.Host.Gateways["NorthMSP"] };
        await Assert.ThrowsAnyAsync<IOException>(() => network.Host.AddOrganizationAsync(taken));
        Assert.Equal(height, network.Host.Height);
        await network.RestartAsync();
        Assert.DoesNotContain("WestMSP", network.Host.Gateways.Keys);
        await network.Host.AddOrganizationAsync(West);
        await network.Client("WestMSP").SubmitAsync(Call("put", "k", "1"));
    }

    private async Task<TxValidationCode> CommitAsync(EndorsedTransaction transaction)
    {
        await network.Client().SubmitEndorsedAsync(transaction);
        return (await network.Client().GetCommitStatusAsync(transaction.TransactionId)).Code;
    }
}
