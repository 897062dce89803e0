"""What a checker must catch: each line that ends in a remark, and no other."""

import ldnsim as ldn

model = ldn.load_model("ldn")
regimen = ldn.Regimen.daily(4.5, days=28)
ds = ldn.simulate(model, regimen)

ldn.simulat(model, regimen)  # wrong: no such name
ldn.simulate(model, regimen, rtoll=1e-8)  # wrong: no such argument
ldn.simulate(model, 3)  # wrong: no regimen
ldn.simulate("ldn", regimen)  # wrong: a name, not a model
ldn.load_model(3)  # wrong: neither name nor path
ldn.Regimen.dayly(4.5, days=28)  # wrong: no such constructor
ldn.Regimen.daily("4.5 mg", days=28)  # wrong: no number
ldn.Regimen.daily(4.5)  # wrong: days are missing
print(regimen.last_dos)  # wrong: no such member
ldn.summarize(model)  # wrong: no result
ldn.population(model, n="many")  # wrong: no count
ldn.plots.compare(ds, widht=85.0)  # wrong: no such argument
ldn.plots.compar(ds)  # wrong: no such figure
model.with_scenario(4)  # wrong: no name
model.with_parameters(ke0="fast")  # wrong: no number
model.name = "mine"  # wrong: a model never changes
ldn.sweep(model, {"dose": [1.5, 4.5]}, metric=["cmax"])  # wrong: neither of sweep nor of a regimen
ldn.save(ds)  # wrong: no path
ldn.sweep(model, over={"dose": [1.5, 4.5]}, days="a week")  # wrong: no number of days
ldn.optimize(model, {"change_il6": "min"}, over={"dose": (0.5, 6)}, day=7)  # wrong: no such argument
ldn.titrate(model, 4.5, days=28, subjects=ldn.population(model, 8))  # wrong: no rule
