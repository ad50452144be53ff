using System.Text;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Server;
using Microsoft.Extensions.Logging;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>A chaincode whose one function a test writes, and its server.</summary>
internal sealed class ServedChaincode : IAsyncDisposable
{
    public const string PackageId = "things:0123abcd";

    private ServedChaincode(ChaincodeServer server) => Server = server;

    public ChaincodeServer Server { get; }

    public static Task<ServedChaincode> StartAsync(
        Func<IChaincodeStub, CancellationToken, Task<string>> run, Func<ChaincodeServerOptions, ChaincodeServerOptions>? with = null,
        ILoggerFactory? loggers = null, TimeProvider? time = null) => StartAsync(new Scripted(run), with, loggers, time);

    public static async Task<ServedChaincode> StartAsync(
        IChaincode chaincode, Func<ChaincodeServerOptions, ChaincodeServerOptions>? with = null, ILoggerFactory? loggers = null,
        TimeProvider? time = null)
    {
        var options = new ChaincodeServerOptions { Address = "127.0.0.1:0", PackageId = PackageId };
        // No limit passes unless a test says so: a busy machine is slow to run what it is asked to.
        var server = new ChaincodeServer(chaincode, with?.Invoke(options) ?? options, loggers, time ?? new ManualTimers());
        await server.StartAsync();
        return new(server);
    }

    public Task<FakePeer> DialAsync(bool register = true) => FakePeer.ConnectAsync(Server.Endpoint!, register);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private sealed class Scripted(Func<IChaincodeStub, CancellationToken, Task<string>> run) : IChaincode
    {
        public async Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct) =>
            ChaincodeResponse.Success(Encoding.UTF8.GetBytes(await run(stub, ct)));
    }
}
