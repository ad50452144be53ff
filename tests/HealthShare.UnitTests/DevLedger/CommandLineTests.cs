using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.DevLedger.CommandLine;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>The ledger as a program: what it takes, what it says, how it ends.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("devledger-").FullName;

    public void Dispose() => Directory.Delete(state, recursive: true);

    [Fact]
    public async Task It_serves_until_it_is_stopped_and_takes_any_package_id()
    {
        await using var chaincode = new ChaincodeServer(
            new AssetChaincode(), new ChaincodeServerOptions { Address = "127.0.0.1:0", PackageId = "whatever:it-likes" });
        await chaincode.StartAsync();
        await using var program = RunningCommand.Start("--orgs", "A,BMSP", "--non-endorsing", "B", "--chaincode", $"asset={chaincode.Endpoint}", "--state", state);
        using var report = JsonDocument.Parse(await program.ReadyAsync());

        var file = report.RootElement.GetProperty("connection").GetString()!;
        Assert.Equal(Path.Combine(state, "connection.json"), file);
        Assert.Equal(["AMSP", "BMSP"], report.RootElement.GetProperty("gateways").EnumerateArray().Select(g => g.GetProperty("mspId").GetString()));
        var connection = ConnectionFile.Read(file);
        Assert.Equal(["a.example", "b.example"], connection.Organizations.Select(organization => organization.Domain));
        await using (var client = GatewayClient.Connect(connection, "BMSP", "User1", LedgerNetwork.Patient))
        {
            await client.SubmitAsync(LedgerNetwork.Call("put", "k", "v"));
            Assert.Equal("v", LedgerNetwork.Text(await client.EvaluateAsync(LedgerNetwork.Call("get", "k"))));
        }
        Assert.Equal(0, await program.StopAsync());
    }

    [Fact]
    public async Task A_chaincode_that_is_absent_at_the_start_is_dialled_again_by_the_next_call()
    {
        using var reserved = new ReservedPort();
        var port = reserved.Number;
        await using var program = RunningCommand.Start("--orgs", "A", "--chaincode", $"asset=127.0.0.1:{port}", "--state", state);
        await program.ReadyAsync();
        await using var client = GatewayClient.Connect(ConnectionFile.Read(Path.Combine(state, "connection.json")), "AMSP", "User1", LedgerNetwork.Patient);
        var error = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(LedgerNetwork.Call("put", "k", "v")));
        Assert.Contains(error.PeerErrors, detail => detail.Message.Contains($"could not launch chaincode (any package): connection to 127.0.0.1:{port} failed", StringComparison.Ordinal));

        reserved.Dispose();
        await using var chaincode = new ChaincodeServer(
            new AssetChaincode(), new ChaincodeServerOptions { Address = $"127.0.0.1:{port}", PackageId = "asset:late" });
        await chaincode.StartAsync();
        await client.SubmitAsync(LedgerNetwork.Call("put", "k", "v"));
    }

    [Fact]
    public async Task Commands_reach_a_ledger_that_runs_and_nobody_without_its_word_does()
    {
        await using (var program = RunningCommand.Start("--orgs", "A,B", "--state", state))
        {
            await program.ReadyAsync();
            Assert.Equal(0, await CommandAsync("add-org", "--org", "C", "--non-endorsing"));
            Assert.Equal(2, await CommandAsync("add-org", "--org", "C"));
            Assert.Equal(2, await CommandAsync("add-org", "--org", "D", "--policy", "none=majority"));
            Assert.Equal(0, await CommandAsync("issue-user", "--org", "C", "--name", "clerk", "--attr", "role=clerk"));
            using (var output = new StringWriter())
            {
                Assert.Equal(0, await DevLedgerCommand.RunAsync(
                    ["issue-user", "--org", "C", "--name", "clerk", "--attr", "role=clerk", "--state", state], output, TextWriter.Null));
                var user = ConnectionFile.Read(Path.Combine(state, "connection.json")).Organization("CMSP").User("clerk");
                Assert.Contains(user.Cert, output.ToString(), StringComparison.Ordinal);
                Assert.Contains(user.Key, output.ToString(), StringComparison.Ordinal);
            }
            foreach (var (org, name) in new[] { ("C", "no/name"), ("Nobody", "clerk"), ("C", "Admin") })
            {
                using var error = new StringWriter();
                Assert.Equal(2, await DevLedgerCommand.RunAsync(["issue-user", "--org", org, "--name", name, "--state", state], TextWriter.Null, error));
                Assert.DoesNotContain("Parameter", error.ToString(), StringComparison.Ordinal);
            }
            Assert.Equal(0, await CommandAsync("status"));
            var organization = ConnectionFile.Read(Path.Combine(state, "connection.json")).Organization("CMSP");
            Assert.Contains("clerk", organization.Users.Select(user => user.Name));
            Assert.Equal(("User1", "Admin"), (organization.User().Name, organization.Users[^1].Name)); // who names nobody is no administrator

            var door = Path.Combine(state, "admin.json");
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(door));
            using var http = new HttpClient { BaseAddress = new Uri(JsonDocument.Parse(File.ReadAllText(door)).RootElement.GetProperty("address").GetString()!) };
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", new string('0', 64));
            Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("status")).StatusCode);
            http.DefaultRequestHeaders.Remove("Authorization");
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", JsonDocument.Parse(File.ReadAllText(door)).RootElement.GetProperty("token").GetString());
            foreach (var (path, body) in BadRequests)
            {
                using var content = new StringContent(body);
                using var answer = await http.PostAsync(path, content);
                Assert.True(answer.StatusCode is HttpStatusCode.BadRequest, $"{path} {body}: {answer.StatusCode}");
            }
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("status")).StatusCode);
        }
        Assert.Equal(1, await CommandAsync("status"));
        Assert.Equal(2, await CommandAsync("add-org"));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(405)]
    public async Task A_web_server_on_the_port_that_a_ledger_had_is_named_in_a_sentence(int status)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        WriteDoor(server);
        var answering = AnswerAsync();
        using var error = new StringWriter();
        Assert.Equal(1, await DevLedgerCommand.RunAsync(["status", "--state", state], TextWriter.Null, error));
        Assert.Equal("another program answers at the address that the ledger had" + Environment.NewLine, error.ToString());
        await answering;

        async Task AnswerAsync()
        {
            using var client = await server.AcceptTcpClientAsync();
            await client.GetStream().ReadAtLeastAsync(new byte[1024], 16);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {status} Some\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"));
        }
    }

    [Fact]
    public async Task A_command_that_is_stopped_while_the_ledger_does_not_answer_says_so_and_ends_with_1()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        WriteDoor(server);
        using var stop = new CancellationTokenSource();
        using var error = new StringWriter();
        var command = DevLedgerCommand.RunAsync(["status", "--state", state], TextWriter.Null, error, stop.Token);
        using var client = await server.AcceptTcpClientAsync();
        await stop.CancelAsync();
        Assert.Equal(1, await command);
        Assert.Equal("Stopped before it was done." + Environment.NewLine, error.ToString());
    }

    private void WriteDoor(TcpListener server) => File.WriteAllText(
        Path.Combine(state, "admin.json"), $$"""{"address":"http://{{server.LocalEndpoint}}","token":"x"}""");

    [Fact]
    public async Task Private_values_are_their_owners_also_in_a_folder_that_others_may_enter()
    {
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode everyone = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(state, File.GetUnixFileMode(state) | everyone);
        var ledger = Path.Combine(state, "ledger");
        Directory.CreateDirectory(ledger);
        File.SetUnixFileMode(ledger, File.GetUnixFileMode(ledger) | everyone);
        await using var program = RunningCommand.Start("--orgs", "A", "--state", state);
        await program.ReadyAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(ledger));
        Assert.Equal(everyone, File.GetUnixFileMode(state) & everyone);
    }

    private static IEnumerable<(string Path, string Body)> BadRequests =>
    [
        ("users", "null"), ("users", "{}"), ("users", "nonsense"), ("users", """{"org":null,"name":"x","attributes":{}}"""),
        ("users", """{"org":"A","name":null,"attributes":{}}"""), ("users", """{"org":"A","name":"x","attributes":null}"""),
        ("users", """{"org":"A","name":"x","attributes":{"role":null}}"""), ("users", """{"org":"","name":"x","attributes":{}}"""),
        ("organizations", "null"), ("organizations", """{"org":null,"port":0,"endorses":true,"policies":{}}"""),
        ("organizations", """{"org":"E","port":-1,"endorses":true,"policies":{}}"""),
        ("organizations", """{"org":"E","port":0,"endorses":true,"policies":{"asset":null}}"""),
    ];

    private Task<int> CommandAsync(params string[] arguments) =>
        DevLedgerCommand.RunAsync([.. arguments, "--state", state], TextWriter.Null, TextWriter.Null);

    [Theory]
    [InlineData("--json", "'--orgs'")]
    [InlineData("--orgs A --chaincode asset", "NAME=VALUE")]
    [InlineData("--orgs A --chaincode asset=nowhere", "HOST:PORT")]
    [InlineData("--orgs A --chaincode asset=h:1 --chaincode asset=h:2", "2 times")]
    [InlineData("--orgs A --chaincode asset=h:1 --policy asset=OutOf(1,'BMSP.peer')", "BMSP")]
    [InlineData("--orgs A --chaincode asset=h:1 --policy asset=SOME('AMSP.peer')", "'SOME'")]
    [InlineData("--orgs A --chaincode asset=h:1 --policy other=OR('AMSP.peer')", "'other'")]
    [InlineData("--orgs A --chaincode asset=h:1 --chaincode-root asset=/no/such/file", "TLS files")]
    [InlineData("--orgs A --chaincode asset=h:1 --chaincode-cert asset=/no/such/file", "--chaincode-root")]
    [InlineData("--orgs A --chaincode asset=h:1 --collections asset=/no/such/file", "/no/such/file")]
    [InlineData("--orgs A --chaincode asset=h:1 --collections other=/no/such/file", "'other'")]
    [InlineData("--orgs A --chaincode asset=h:1 --non-endorsing A", "No organization endorses")]
    [InlineData("--orgs A,A", "AMSP")]
    [InlineData("--orgs A --non-endorsing B", "BMSP")]
    [InlineData("--orgs A --port A=70000", "70000")]
    [InlineData("--orgs A,B --port-base 65535", "65536")]
    [InlineData("--orgs A --channel Upper", "'Upper'")]
    [InlineData("--orgs A --batch-timeout -1", "Batch.Timeout")]
    [InlineData("--orgs A --max-messages 0", "MaxMessageCount")]
    [InlineData("--orgs A --nonsense", "'--nonsense'")]
    [InlineData("--orgs --nonsense", "nonsense")]
    [InlineData("--orgs A B", "'B'")]
    public async Task Wrong_usage_is_named_and_ends_with_2(string arguments, string named)
    {
        using var error = new StringWriter();
        Assert.Equal(2, await DevLedgerCommand.RunAsync([.. arguments.Split(' '), "--state", state], TextWriter.Null, error));
        Assert.Contains(named, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(state));
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(state, "file");
        await File.WriteAllTextAsync(file, "no folder");
        foreach (var folder in OperatingSystem.IsLinux() ? new[] { Path.Combine(file, "below"), "/proc/devledger" } : [Path.Combine(file, "below")])
            Assert.StartsWith($"The state folder '{folder}' cannot be made: ", await RunningCommand.FailureAsync("--orgs", "A", "--state", folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_is_an_answer()
    {
        using var output = new StringWriter();
        Assert.Equal(0, await DevLedgerCommand.RunAsync(["--help"], output, TextWriter.Null));
        Assert.Contains("--chaincode", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_use_a_port_that_is_taken_and_a_folder_of_another_channel_end_with_1()
    {
        await using (var first = RunningCommand.Start("--orgs", "A", "--state", state))
        {
            await first.ReadyAsync();
            Assert.Contains("Another process is running on the state folder", await RunningCommand.FailureAsync("--orgs", "A", "--state", state), StringComparison.Ordinal);
        }
        Assert.Contains("channel 'mychannel'", await RunningCommand.FailureAsync("--orgs", "A", "--state", state, "--channel", "other"), StringComparison.Ordinal);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.Contains($"{port}", await RunningCommand.FailureAsync("--orgs", "A", "--state", state, "--port-base", $"{port}"), StringComparison.Ordinal);
    }
}
