using System.Security.Cryptography;
using System.Text;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.UnitTests.Vault.Kubo;

public sealed class KuboRpcClientTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private StandInKubo daemon = null!;
    private KuboRpcClient client = null!;

    public async Task InitializeAsync()
    {
        daemon = await StandInKubo.StartAsync();
        client = Client(daemon.Url);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await daemon.DisposeAsync();
    }

    [Fact]
    public async Task Every_call_is_a_POST_with_an_agent_of_its_own_and_without_an_origin()
    {
        await client.GetVersionAsync(Ct);
        await client.GetRepoStatAsync(Ct);
        Assert.All(daemon.Calls, call =>
        {
            Assert.Equal("POST", call.Method);
            Assert.StartsWith("HealthShare/", call.UserAgent, StringComparison.Ordinal);
            Assert.Equal("", call.Origin);
        });
    }

    [Theory]
    [InlineData("bearer:s3cret", "Bearer s3cret")]
    [InlineData("basic:node:pass:word", "Basic bm9kZTpwYXNzOndvcmQ=")]
    public async Task A_daemon_that_wants_authorization_gets_it(string secret, string header)
    {
        daemon.Authorization = header;
        using var signedIn = Client(daemon.Url, options => options with { Authorization = IpfsEndpoint.ParseSecret(secret) });
        await signedIn.GetRepoStatAsync(Ct);
        await client.GetVersionAsync(Ct);
        var refusal = await Assert.ThrowsAsync<IpfsException>(() => client.GetRepoStatAsync(Ct));
        Assert.Equal(IpfsFailure.Denied, refusal.Failure);
        Assert.False(refusal.IsTransient);
        Assert.DoesNotContain("cret", refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s3cret")]
    [InlineData("bearer:")]
    [InlineData("bearer:two words")]
    [InlineData("bearer:line\r\nX-Other: 1")]
    [InlineData("basic:nobody")]
    public void A_secret_of_another_form_is_refused(string secret) =>
        Assert.Throws<FormatException>(() => IpfsEndpoint.ParseSecret(secret));

    [Theory]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("http://user:password@127.0.0.1")]
    public void An_address_that_is_none_is_refused(string url) => Assert.Throws<ArgumentException>(() => Client(new Uri(url)));

    [Fact]
    public async Task Numbers_may_come_as_text_and_may_need_all_64_bits()
    {
        var stat = await client.GetRepoStatAsync(Ct);
        Assert.Equal((0UL, ulong.MaxValue, 9007199254740991UL), (stat.Objects, stat.Size, stat.Limit));
    }

    [Fact]
    public async Task Ids_are_compared_decoded()
    {
        daemon.Spelling = Base58;
        var stored = await client.ImportAsync(new MemoryStream(RandomNumberGenerator.GetBytes(3000)), new(1024, 2), pin: true, Ct);
        await client.PinAsync(stored.Cid, Ct);
        Assert.True(await client.GetBlockSizeAsync(stored.Cid, localOnly: true, Ct) > 0);
        var pins = new List<Cid>();
        await foreach (var pin in client.ListPinsAsync(Ct))
            pins.Add(pin);
        Assert.Equal([stored.Cid], pins);
    }

    [Theory]
    [InlineData("zb2rheA3KBXaxK3dvqi2XJZ5E324kbsvEfozPTrcVRR6szn9Q", "bafkreidpugfc4jhv3zlmshvgq2zualti3zq3egbykmecz2kxgt6ahynnmm")]
    [InlineData("bafkreidpugfc4jhv3zlmshvgq2zualti3zq3egbykmecz2kxgt6ahynnmm", "bafkreidpugfc4jhv3zlmshvgq2zualti3zq3egbykmecz2kxgt6ahynnmm")]
    public void Both_spellings_of_an_id_are_read(string text, string expected)
    {
        Assert.True(CidText.TryParse(text, out var cid));
        Assert.Equal(expected, cid.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("z")]
    [InlineData("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKnJHB")]
    [InlineData("zb2rheA3KBXaxK3dvqi2XJZ5E324kbsvEfozPTrcVRR6szn90")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("zb2rheA3KBXaxK3dvqi2XJZ5E324kbsvEfozPTrcVRR6szn")]
    public void What_is_no_id_of_ours_is_refused(string? text) => Assert.False(CidText.TryParse(text, out _));

    [Fact]
    public async Task A_refusal_carries_the_daemons_own_words_tidied()
    {
        daemon.Before = async http =>
        {
            await StandInKubo.ErrorAsync(http, "lock held\r\nby " + new string('x', 1000));
            return true;
        };
        var refusal = await Assert.ThrowsAsync<IpfsException>(() => client.GetRepoStatAsync(Ct));
        Assert.Equal(("repo/stat", IpfsFailure.Refused), (refusal.Call, refusal.Failure));
        Assert.StartsWith("lock held  by x", refusal.Reason, StringComparison.Ordinal);
        Assert.True(refusal.Reason.Length < 500);
    }

    [Fact]
    public async Task A_busy_daemon_is_asked_again()
    {
        var left = 2;
        daemon.Before = async http =>
        {
            if (Interlocked.Decrement(ref left) < 0)
                return false;
            await StandInKubo.ErrorAsync(http, "not yet", 503);
            return true;
        };
        Assert.Equal("0.0-stand-in", (await client.GetVersionAsync(Ct)).Version);
        Assert.Equal(3, daemon.Calls.Count);
    }

    [Fact]
    public async Task A_daemon_that_stays_busy_is_given_up_and_then_left_alone_for_a_while()
    {
        daemon.Before = async http =>
        {
            await StandInKubo.ErrorAsync(http, "not yet", 503);
            return true;
        };
        for (var i = 0; i < 3; i++)
            Assert.True((await Assert.ThrowsAsync<IpfsException>(() => client.GetVersionAsync(Ct))).IsTransient);
        var asked = daemon.Calls.Count;
        var refusal = await Assert.ThrowsAsync<IpfsException>(() => client.GetVersionAsync(Ct));
        Assert.Equal(IpfsFailure.Unreachable, refusal.Failure);
        Assert.Equal(asked, daemon.Calls.Count);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_said_so()
    {
        await daemon.DisposeAsync();
        var refusal = await Assert.ThrowsAsync<IpfsException>(() => client.GetVersionAsync(Ct));
        Assert.Equal(IpfsFailure.Unreachable, refusal.Failure);
        Assert.Contains(daemon.Url.Authority, refusal.Message, StringComparison.Ordinal);
        daemon = await StandInKubo.StartAsync();
    }

    [Theory]
    [InlineData("go1.25", true)]
    [InlineData(null, false)]
    public async Task A_question_about_own_blocks_that_runs_out_of_time_says_nothing_at_a_Kubo_and_absent_elsewhere(string? golang, bool busy)
    {
        daemon.Before = async http =>
        {
            if (http.Request.Path.Value!.EndsWith("/version", StringComparison.Ordinal))
                await Microsoft.AspNetCore.Http.HttpResponseJsonExtensions.WriteAsJsonAsync(http.Response, new { Version = "0.43.0", Golang = golang },
                    new System.Text.Json.JsonSerializerOptions { PropertyNamingPolicy = null });
            else
                await StandInKubo.ErrorAsync(http, "context deadline exceeded");
            return true;
        };
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => client.GetBlockAsync(Cid.Of(CidCodec.Raw, [1]), localOnly: true, Ct));
        Assert.Equal(busy, failure is IpfsException { Failure: IpfsFailure.TimedOut });
        Assert.Equal(!busy, failure is ContentNotFoundException);
    }

    [Fact]
    public async Task An_absent_block_is_asked_for_with_a_time_and_then_not_there()
    {
        var absent = Cid.Of(CidCodec.Raw, "absent"u8);
        await Assert.ThrowsAsync<ContentNotFoundException>(() => client.GetBlockAsync(absent, localOnly: true, Ct));
        await Assert.ThrowsAsync<ContentNotFoundException>(() => client.GetBlockAsync(absent, localOnly: false, Ct));
        await Assert.ThrowsAsync<ContentNotFoundException>(() => client.PinAsync(absent, Ct));
        var calls = daemon.Calls.ToList();
        Assert.Equal([true, false, false], calls.Select(call => call.Query.Contains("offline=true", StringComparison.Ordinal)));
        Assert.Equal([2000, 20000, 120000], calls.Select(call => call.Milliseconds("timeout")));
    }

    [Fact]
    public async Task A_block_that_is_another_one_is_corrupt()
    {
        var cid = Cid.Of(CidCodec.Raw, "right"u8);
        daemon.Blocks[StandInKubo.KeyOf(cid)] = "wrong"u8.ToArray();
        await Assert.ThrowsAsync<ContentCorruptException>(() => client.GetBlockAsync(cid, localOnly: true, Ct));
    }

    [Fact]
    public async Task A_block_can_be_put_seen_listed_and_removed()
    {
        var cid = await client.PutBlockAsync(CidCodec.Raw, "block"u8.ToArray(), Ct);
        Assert.Equal("block", Encoding.UTF8.GetString(await client.GetBlockAsync(cid, localOnly: true, Ct)));
        Assert.Equal(5, await client.GetBlockSizeAsync(cid, localOnly: true, Ct));
        Assert.False(await client.IsPinnedAsync(cid, Ct));
        await client.RemoveBlockAsync(cid, Ct);
        await client.RemoveBlockAsync(cid, Ct);
        await Assert.ThrowsAsync<ContentNotFoundException>(() => client.GetBlockSizeAsync(cid, localOnly: true, Ct));
    }

    [Fact]
    public async Task Unpinning_what_is_not_pinned_is_done_already()
    {
        var cid = await client.PutBlockAsync(CidCodec.Raw, "block"u8.ToArray(), Ct);
        await client.PinAsync(cid, Ct);
        Assert.True(await client.IsPinnedAsync(cid, Ct));
        await client.UnpinAsync(cid, Ct);
        await client.UnpinAsync(cid, Ct);
        Assert.False(await client.IsPinnedAsync(cid, Ct));
    }

    internal static KuboRpcClient Client(Uri url, Func<KuboRpcOptions, KuboRpcOptions>? change = null)
    {
        var options = new KuboRpcOptions { Url = url, RetryDelay = TimeSpan.FromMilliseconds(1), BreakDuration = TimeSpan.FromMinutes(1) };
        return new KuboRpcClient(change?.Invoke(options) ?? options);
    }

    private static string Base58(Cid cid)
    {
        const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        var value = new System.Numerics.BigInteger(cid.Bytes, isUnsigned: true, isBigEndian: true);
        var text = new StringBuilder();
        for (; value > 0; value /= 58)
            text.Insert(0, Alphabet[(int)(value % 58)]);
        return "z" + text;
    }
}
