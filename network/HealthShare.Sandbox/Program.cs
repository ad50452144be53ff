using HealthShare.Sandbox;

return await SandboxCommand.RunAsync(args, Console.Error);
