using System.Net;
using System.Text.Json;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>What the service says about itself, in its log and at its health endpoint.</summary>
public sealed class ServiceHealthTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly RecordedLogs logs = new();
    private readonly ManualTimers time = new();

    public void Dispose() => logs.Dispose();

    [Fact]
    public async Task Peers_and_transactions_are_counted()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await StartAsync(async () =>
        {
            begun.SetResult();
            await goOn.Task;
        });
        Assert.Equal(("serving", 0, 0), await AskAsync(served, HttpStatusCode.OK));
        var peer = await served.DialAsync();
        var answer = peer.InvokeAsync("tx1", "f");
        await begun.Task.WaitAsync(Patience);
        Assert.Equal(("serving", 1, 1), await AskAsync(served, HttpStatusCode.OK));
        goOn.SetResult();
        await answer;
        await peer.DisposeAsync();
        await logs.WaitForAsync("The stream of peer", Patience);
        Assert.Equal(("serving", 0, 0), await AskAsync(served, HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_package_id_that_no_peer_accepts_is_unhealthy_until_one_does()
    {
        await using var served = await StartAsync(() => Task.CompletedTask);
        await using var refuses = await served.DialAsync(register: false);
        while (time.Fire(PeerStream.RegistrationLimit) == 0)
            await Task.Yield();
        await refuses.Closed.WaitAsync(Patience);
        Assert.Equal(("refused", 0, 0), await AskAsync(served, HttpStatusCode.ServiceUnavailable));
        Assert.Contains(ServedChaincode.PackageId, served.Server.Status.Problem, StringComparison.Ordinal);
        await using var accepts = await served.DialAsync();
        await accepts.InvokeAsync("tx1", "f");
        Assert.Equal(("serving", 1, 0), await AskAsync(served, HttpStatusCode.OK));
        Assert.Null(served.Server.Status.Problem);
    }

    [Fact]
    public async Task A_peer_that_hangs_up_before_it_registers_the_package_is_reported()
    {
        await using var served = await StartAsync(() => Task.CompletedTask);
        var peer = await served.DialAsync(register: false);
        await peer.DisposeAsync();
        await logs.WaitForAsync("did not accept the package id " + ServedChaincode.PackageId, Patience);
        Assert.Equal("refused", served.Server.Status.Status);
    }

    [Fact]
    public async Task A_service_that_stops_says_so_while_it_finishes_what_runs()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await StartAsync(async () =>
        {
            begun.SetResult();
            await goOn.Task;
        });
        await using var peer = await served.DialAsync();
        var answer = peer.InvokeAsync("tx1", "f");
        await begun.Task.WaitAsync(Patience);
        var stopping = served.Server.StopAsync();
        Assert.Equal("stopping", served.Server.Status.Status);
        goOn.SetResult();
        Assert.Equal(200, (await answer).Status);
        await stopping;
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/protos.Chaincode/Connect")]
    [InlineData("POST", "/protos.Chaincode/Connect")]
    [InlineData("POST", "/healthz")]
    public async Task The_health_port_answers_nothing_else(string method, string path)
    {
        await using var served = await StartAsync(() => Task.CompletedTask);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://{served.Server.HealthEndpoint}{path}");
        if (method == "POST")
        {
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.Add("Content-Type", "application/grpc");
        }
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_peer_cannot_dial_the_health_port()
    {
        await using var served = await StartAsync(() => Task.CompletedTask);
        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await using var peer = await FakePeer.ConnectAsync(served.Server.HealthEndpoint!, register: false);
            await peer.Closed.WaitAsync(Patience);
        });
    }

    private Task<ServedChaincode> StartAsync(Func<Task> run) => ServedChaincode.StartAsync(async (_, _) =>
    {
        await run();
        return "done";
    }, options => options with { HealthAddress = "127.0.0.1:0" }, logs, time);

    private static async Task<(string Status, int Peers, int Transactions)> AskAsync(ServedChaincode served, HttpStatusCode expected)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://{served.Server.HealthEndpoint}/healthz"));
        Assert.Equal(expected, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var root = json.RootElement;
        Assert.Equal(ServedChaincode.PackageId, root.GetProperty("packageId").GetString());
        return (root.GetProperty("status").GetString()!, root.GetProperty("peers").GetInt32(), root.GetProperty("transactions").GetInt32());
    }
}
