using HealthShare.Chaincode.Shim.Server;
using Microsoft.Extensions.Logging;

namespace HealthShare.Chaincode.Host;

/// <summary>HealthShare's chaincode as a service inside another process, such as the sandbox.</summary>
public static class ChaincodeHost
{
    /// <summary>Prepares the service; start it with <see cref="ChaincodeServer.StartAsync"/> and dispose it to stop.</summary>
    /// <param name="options">Where to listen, for which package id, with which limits.</param>
    /// <param name="loggers">Where logs go: ids and durations. Default: nowhere.</param>
    /// <param name="time">Clock of the execution limit and of the window for proposal times. Default: the system's.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public static ChaincodeServer Create(ChaincodeServerOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null) =>
        new(ContractCatalog.CreateRouter(time ?? TimeProvider.System), options, loggers, time);
}
