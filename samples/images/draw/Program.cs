// dotnet run -c Release --project samples/images/draw -- FOLDER [SEED]                    writes each site's images, a file each
// dotnet run -c Release --project samples/images/draw -- figures samples/images [SEEDS]   trains as the sample's page says, and draws its pictures
using System.Globalization;
using Consilience.Samples.Images;

if (args is ["figures", var sample, ..])
{
    Figures.Draw(sample, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 3);
    return;
}

var folder = Directory.CreateDirectory(args[0]).FullName;
var seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
var header = string.Join(',', Enumerable.Range(1, Images.Side * Images.Side).Select(i => $"p{i}").Append("kind").Append("fold"));
foreach (var (name, site) in Images.Sites.Select((name, site) => (name, site)))
    File.WriteAllLines(Path.Combine(folder, $"{name}.csv"), Images.Of(site, seed).Select(i => $"{string.Join(',', i.Pixels)},{Images.Kinds[i.Kind]},{(i.IsHeldOut ? "test" : "train")}").Prepend(header));
