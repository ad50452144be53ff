using System.CommandLine;
using HealthShare.Sandbox;

// Nodes finish what they have begun when the sandbox is told to stop; two seconds would be too short for that.
return await SandboxCommand.Create().Parse(args)
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
